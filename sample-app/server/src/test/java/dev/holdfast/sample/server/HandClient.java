package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that says exactly what the test says, and records what it hears until the test takes it. */
final class HandClient implements AutoCloseable {
    /** Only a test that fails waits for so long. A busy machine takes seconds for what takes milliseconds elsewhere. */
    private static final int PATIENCE_SECONDS = 60;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BlockingDeque<Event> events = new LinkedBlockingDeque<>();
    private final WebSocket socket;

    private HandClient(String url, @Nullable String subprotocol, Map<String, String> headers) throws Exception {
        var builder = HTTP.newWebSocketBuilder();
        headers.forEach(builder::header);
        if (subprotocol != null) {
            builder.subprotocols(subprotocol);
        }
        socket = builder.buildAsync(URI.create(url), new Recorder()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static HandClient connect(String url) throws Exception {
        return new HandClient(url, "resume.v1.json", Map.of());
    }

    static HandClient connectAs(String url, String authorization) throws Exception {
        return new HandClient(url, "resume.v1.json", Map.of("Authorization", authorization));
    }

    static HandClient connectFrom(String url, String origin) throws Exception {
        return new HandClient(url, "resume.v1.json", Map.of("Origin", origin));
    }

    static HandClient connect(String url, @Nullable String subprotocol) throws Exception {
        return new HandClient(url, subprotocol, Map.of());
    }

    /** Connects and opens a new session. */
    static HandClient open(ReferenceServer server) throws Exception {
        return connect(server.url()).send("{'t':'open'}");
    }

    /** Connects and resumes. */
    static HandClient resume(ReferenceServer server, String sid, String key, String last) throws Exception {
        return connect(server.url()).send("{'t':'open','sid':'" + sid + "','key':'" + key + "','last':'" + last + "'}");
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    /** Sends an envelope, written with single quotes. */
    HandClient send(String envelope) throws Exception {
        return sendRaw(envelope.replace('\'', '"'));
    }

    HandClient sendRaw(String text) throws Exception {
        socket.sendText(text, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    HandClient msg(long seq, String json) throws Exception {
        return sendRaw("{\"t\":\"msg\",\"c\":" + seq + ",\"d\":" + json + "}");
    }

    HandClient ack(String id) throws Exception {
        return send("{'t':'ack','last':'" + id + "'}");
    }

    HandClient binary(byte[] message) throws Exception {
        socket.sendBinary(ByteBuffer.wrap(message), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    HandClient ping() throws Exception {
        socket.sendPing(ByteBuffer.allocate(0)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    /** The next envelope, which must be of this type. */
    JsonNode expect(String type) throws Exception {
        Event event = next();
        JsonNode envelope =
                assertInstanceOf(Envelope.class, event, () -> "wanted " + type).json();
        assertEquals(type, envelope.path("t").asText(), envelope::toString);
        return envelope;
    }

    /** The next envelope that is no acknowledgement, which must be of this type. When the server acknowledges is its own affair. */
    JsonNode expectAfterAcks(String type) throws Exception {
        JsonNode envelope = expectAnswer();
        while (envelope.path("t").asText().equals("ack")) envelope = expectAnswer();
        assertEquals(type, envelope.path("t").asText(), envelope::toString);
        return envelope;
    }

    /** The next envelope, of whichever type. */
    JsonNode expectAnswer() throws Exception {
        return assertInstanceOf(Envelope.class, next()).json();
    }

    /** The next message of the stream must be this one; returns its id. */
    String expectMsg(String json) throws Exception {
        JsonNode envelope = expect("msg");
        assertEquals(JSON.readTree(json), envelope.get("d"));
        return envelope.get("id").asText();
    }

    byte[] expectBinary() throws Exception {
        return assertInstanceOf(Bytes.class, next()).bytes();
    }

    void expectPong() throws Exception {
        assertInstanceOf(Pong.class, next());
    }

    void expectClose(int code) throws Exception {
        assertEquals(code, assertInstanceOf(Closed.class, next()).code());
    }

    void expectFailure() throws Exception {
        assertInstanceOf(Failed.class, next());
    }

    /** Nothing has been heard that the test has not taken: whatever the server had to say came before a pong. */
    void expectNothingElse() throws Exception {
        ping();
        expectPong();
    }

    Event next() throws Exception {
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(event, "heard nothing");
        return event;
    }

    /** Whether the server reports an error next, or closes because it failed. What it says is left to the test. */
    boolean failsNext() throws Exception {
        Event event = next();
        events.addFirst(event);
        return isError(event) || (event instanceof Closed closed && closed.code() == 1011);
    }

    private static boolean isError(Event event) {
        return event instanceof Envelope envelope
                && envelope.json().path("t").asText().equals("error");
    }

    /** The code of the close that comes next, or after an error that explains it. */
    int expectEnd() throws Exception {
        Event event = next();
        return assertInstanceOf(Closed.class, isError(event) ? next() : event).code();
    }

    void closeNormally() throws Exception {
        socket.sendClose(1000, "").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Lets go of the TCP connection without a word. */
    void abort() {
        socket.abort();
    }

    @Override
    public void close() {
        socket.abort();
    }

    sealed interface Event {}

    record Envelope(JsonNode json, String text) implements Event {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bytes(byte[] bytes) implements Event {}

    record Pong() implements Event {}

    record Closed(int code) implements Event {}

    record Failed(Throwable cause) implements Event {}

    private final class Recorder implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add(envelope(text.toString()));
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        /** A failure if it is not what the schema of the protocol has a server say. */
        private static Event envelope(String text) {
            try {
                JsonNode json = JSON.readTree(text);
                String fault = ServerSchema.fault(json);
                return fault == null
                        ? new Envelope(json, text)
                        : new Failed(new IllegalStateException(fault + ": " + text));
            } catch (JsonProcessingException e) {
                return new Failed(e);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                events.add(new Bytes(bytes.toByteArray()));
                bytes.reset();
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
            events.add(new Pong());
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            events.add(new Closed(code));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            events.add(new Failed(error));
        }
    }
}

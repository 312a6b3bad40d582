package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client by hand, on a transport without a network. */
final class HandTransport implements Transport {
    private static final int PATIENCE_SECONDS = 30;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BlockingQueue<Object> sent = new LinkedBlockingQueue<>();
    private @Nullable ServerConnection connection;

    /** Connects a client without an origin or a credential. */
    static HandTransport connect(HoldfastServer server) {
        HandTransport transport = new HandTransport();
        Admission admission = server.admit(List.of(HoldfastServer.SUBPROTOCOL), null, null);
        transport.connection =
                assertInstanceOf(Admission.Granted.class, admission).open(transport);
        return transport;
    }

    ServerConnection connection() {
        return connection;
    }

    /** Sends an envelope, with ' for ". */
    HandTransport say(String envelope) {
        connection.receiveText(envelope.replace('\'', '"'), true);
        return this;
    }

    JsonNode expect(String type) throws Exception {
        JsonNode envelope = JSON.readTree(assertInstanceOf(String.class, next()));
        assertEquals(type, envelope.path("t").asText(), envelope::toString);
        return envelope;
    }

    void expectClose(int code) throws Exception {
        assertEquals(code, next());
    }

    private Object next() throws InterruptedException {
        Object next = sent.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(next, "nothing came");
        return next;
    }

    /** Ends the connection as a lost one ends. */
    void lose() {
        connection.onClosed();
    }

    @Override
    public void sendText(String text, SendCallback callback) {
        sent.add(text);
        callback.succeeded();
    }

    @Override
    public void sendBinary(byte[] bytes, SendCallback callback) {
        sent.add(bytes);
        callback.succeeded();
    }

    @Override
    public void ping() {}

    @Override
    public void close(int code, String reason) {
        sent.add(code);
        connection.onClosed();
    }

    @Override
    public void abort() {
        connection.onClosed();
    }
}

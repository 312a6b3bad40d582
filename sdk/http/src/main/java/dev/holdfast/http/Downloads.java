package dev.holdfast.http;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ReadGate;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The direction from the server: a stream of events, or polls where a stream is held back on its way. */
final class Downloads implements EventStream.Handler {
    /** The maximum time for the first event of a stream. */
    private static final long FIRST_EVENT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int PIECE_BYTES = 8192;
    private static final int MAX_TRIES = 3;
    private static final int MAX_REASON_BYTES = 123;

    /** The type of the envelope that says that the server has admitted the opening. */
    private static final ByteString WELCOME = ByteString.encodeUtf8("\"welcome\"");

    private static final int WAITING = 0;
    private static final int HEARD = 1;
    private static final int HELD_BACK = 2;

    private final HttpConnection connection;
    private final HttpTransport transport;
    private final Request handshake;
    private final ConnectionListener listener;
    private final ReadGate gate;
    private final long maxMessageBytes;
    private final Utf8Text text = new Utf8Text();

    private final AtomicInteger first = new AtomicInteger(WAITING);
    /** The name of this connection on the server. Confined to the task. */
    private String name = "";

    /** The same, from its opening until something of it has come; null otherwise. */
    private final AtomicReference<@Nullable String> unheard = new AtomicReference<>();

    /** The openings that this one takes the place of. Confined to the task. */
    private String instead = "";

    private boolean isFirstText = true;

    private boolean polling;
    private boolean isOpenWritten;
    private boolean isWelcomed;
    private boolean isClosed;
    private volatile long lastPongAt;

    Downloads(
            HttpConnection connection,
            HttpTransport transport,
            Request handshake,
            ConnectionListener listener,
            ReadGate gate) {
        this.connection = connection;
        this.transport = transport;
        this.handshake = handshake;
        this.listener = listener;
        this.gate = gate;
        // So that its length in base64 is a long.
        this.maxMessageBytes = Math.min(transport.webSockets.settings().maxMessageBytes(), Long.MAX_VALUE / 4);
        this.lastPongAt = connection.now();
    }

    long lastPongAt() {
        return lastPongAt;
    }

    private EventStream newStream() {
        // A binary message is longer in base64.
        return new EventStream(Math.addExact(maxMessageBytes / 3 * 4, PIECE_BYTES), this);
    }

    /** Receives until the connection ends. */
    void run(String open) throws TransportException {
        if (!transport.polls() && stream(open)) return;
        poll(open);
    }

    // ---- a stream ----

    private void begin() {
        name = connection.newName();
        instead = transport.givenUp();
        unheard.set(name);
    }

    /** The opening, or the connection, has ended. Any thread may call this. */
    void end() {
        String abandoned = unheard.getAndSet(null);
        if (abandoned != null) transport.gaveUp(abandoned);
    }

    private TransportException openingRefused(Response response, String what) {
        // It will not come to the server late. After 409, it is there.
        int status = response.code();
        if (status != HttpCalls.OK && !HttpCalls.isLost(response) && !Uploader.isOfProxy(status)) unheard.set(null);
        return HttpCalls.ended(response, phase(), what);
    }

    /** Returns false if nothing of it came through. */
    private boolean stream(String open) throws TransportException {
        begin();
        long limit = Math.min(FIRST_EVENT_NANOS, transport.webSockets.settings().connectTimeoutNanos() / 3);
        okhttp3.Call call = transport.calls.stream(handshake, name, instead, open);
        Scheduled watch = connection.schedule(
                () -> {
                    if (giveUp()) call.cancel();
                },
                limit);
        try (Response response = connection.executeDown(call, Phase.OPEN)) {
            written();
            if (!HttpCalls.hasEvents(response)) throw openingRefused(response, "open over HTTP");
            read(response.body().source());
        } catch (IOException e) {
            if (first.get() == HELD_BACK && !connection.isOver()) {
                transport.streamWasHeldBack();
                end();
                return false;
            }
            if (e instanceof ProtocolViolation) throw HttpConnection.violation((ProtocolViolation) e);
            throw e instanceof TransportException
                    ? (TransportException) e
                    : TransportException.of(phase(), "the stream of events broke off: " + e, e);
        } finally {
            watch.cancel();
        }
        if (!isClosed) throw TransportException.of(phase(), "the stream of events ended without a close", null);
        return true;
    }

    private Phase phase() {
        return isWelcomed ? Phase.SESSION : Phase.OPEN;
    }

    private void read(BufferedSource source) throws IOException {
        EventStream events = newStream();
        Buffer piece = new Buffer();
        try {
            while (!isClosed) {
                listener.onWaiting();
                if (!gate.isOpen()) gate.await();
                if (source.read(piece, PIECE_BYTES) == -1) break;
                gate.inbound();
                events.read(piece);
            }
        } finally {
            // Also what came before an event that is refused.
            listener.onWaiting();
        }
    }

    // ---- polls ----

    private void poll(String open) throws TransportException {
        polling = true;
        begin();
        for (long number = 0; !isClosed; number++) {
            Buffer answer = answer(number, open);
            gate.inbound();
            if (number == 0) written();
            try {
                newStream().read(answer);
            } catch (ProtocolViolation e) {
                throw HttpConnection.violation(e);
            } catch (IOException e) {
                throw TransportException.of(phase(), "the answer to a poll is unreadable: " + e.getMessage(), e);
            } finally {
                listener.onWaiting();
            }
            if (!gate.isOpen()) gate.await();
        }
    }

    /** Returns a whole answer: a part of one could be reported twice. */
    private Buffer answer(long number, String open) throws TransportException {
        for (int tries = 1; ; tries++) {
            okhttp3.Call call = number == 0
                    ? transport.calls.firstPoll(handshake, name, instead, open)
                    : transport.calls.poll(handshake, name, number);
            try (Response response = connection.executeDown(call, phase())) {
                if (!HttpCalls.hasEvents(response)) {
                    throw number == 0
                            ? openingRefused(response, "poll over HTTP")
                            : HttpCalls.ended(response, phase(), "poll over HTTP");
                }
                Buffer answer = new Buffer();
                BufferedSource source = response.body().source();
                long limit = maxMessageBytes / 3 * 4 + 1024 * 1024;
                while (source.read(answer, PIECE_BYTES) != -1) {
                    if (answer.size() > limit) {
                        throw new ProtocolViolation(
                                ProtocolViolation.MESSAGE_TOO_BIG, "an answer has more than " + limit + " bytes");
                    }
                }
                return answer;
            } catch (ProtocolViolation e) {
                throw HttpConnection.violation(e);
            } catch (IOException e) {
                TransportException why = e instanceof TransportException
                        ? (TransportException) e
                        : TransportException.of(phase(), "the answer to a poll broke off: " + e, e);
                // The server knows the name of a connection once: its first request is not repeated.
                if (number == 0 || tries == MAX_TRIES || connection.isOver()) throw why;
                if (why.getCause() == null && !Uploader.isOfProxy(why.httpStatus())) throw why;
            }
        }
    }

    private void written() {
        connection.wroteAt(connection.now());
        if (isOpenWritten) return;
        isOpenWritten = true;
        listener.onWritten(1);
    }

    // ---- events ----

    @Override
    public void onComment() {
        if (heard()) listener.onPing();
    }

    /** Returns false if the stream was given up before: another connection is opened with the same open. */
    private boolean heard() {
        if (first.get() == HEARD || polling) return true;
        if (!first.compareAndSet(WAITING, HEARD)) return false;
        transport.streamCameThrough();
        return true;
    }

    /** Gives the stream up. Returns false if something of it has come. */
    boolean giveUp() {
        return first.compareAndSet(WAITING, HELD_BACK);
    }

    @Override
    public void onEvent(String event, Buffer data, @Nullable String id) throws IOException {
        if (!heard() || isClosed) return;
        unheard.set(null);
        switch (event) {
            case "":
                onText(data);
                break;
            case "binary":
                ByteString bytes = ByteString.decodeBase64(data.readUtf8());
                if (bytes == null) throw broken("a binary message is not base64");
                checkSize(bytes.size());
                listener.onBinary(bytes);
                break;
            case "pong":
                onPong(data);
                break;
            case "close":
                onClose(data.readUtf8());
                break;
            default:
                // Of a newer server.
                return;
        }
        if (isWelcomed) return;
        isWelcomed = true;
        connection.ready(name);
    }

    private void onText(Buffer data) throws IOException {
        checkSize(data.size());
        text.validator().begin();
        if (!text.validator().check(data, 0)) {
            throw new ProtocolViolation(ProtocolViolation.INVALID_PAYLOAD, "a text message is not UTF-8");
        }
        if (isFirstText) {
            isFirstText = false;
            // Not after an error. If it is there in another form, later openings name the same ones again.
            if (data.indexOf(WELCOME) != -1) transport.replaced(instead);
        }
        text.setChecked(data.readByteArray());
        listener.onText(text);
    }

    private void checkSize(long size) throws ProtocolViolation {
        if (size <= maxMessageBytes) return;
        throw new ProtocolViolation(
                ProtocolViolation.MESSAGE_TOO_BIG,
                "a message of " + size + " bytes, and at most " + maxMessageBytes + " are allowed");
    }

    private void onPong(Buffer data) throws ProtocolViolation {
        lastPongAt = connection.now();
        long number;
        try {
            number = data.readDecimalLong();
        } catch (IOException | RuntimeException e) {
            throw broken("a pong without a number");
        }
        ByteString payload = connection.pong(number);
        if (payload != null) listener.onPong(payload);
    }

    private void onClose(String data) throws ProtocolViolation {
        int space = data.indexOf(' ');
        String code = space < 0 ? data : data.substring(0, space);
        String reason = space < 0 ? "" : data.substring(space + 1);
        while (ByteString.encodeUtf8(reason).size() > MAX_REASON_BYTES)
            reason = reason.substring(0, reason.length() - 1);
        CloseStatus status;
        try {
            status = CloseStatus.of(Integer.parseInt(code), reason);
        } catch (IllegalArgumentException e) {
            throw broken("a close with the code " + code);
        }
        isClosed = true;
        listener.onWaiting();
        if (!connection.isClosing()) listener.onClosing(status);
        connection.closed(status);
    }

    private static ProtocolViolation broken(String what) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, what);
    }
}

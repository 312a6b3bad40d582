package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import okhttp3.Request;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/**
 * The contract that the session relies on, of the real transport and the simulated one. The server echoes messages, and closes with
 * 4000 when it is told "close".
 */
abstract class TransportContract {
    private final Recorder recorder = new Recorder();

    abstract Transport transport();

    /** One that nobody answers. */
    abstract Request request();

    abstract Request refusingRequest();

    /** Lets the world go on until it is so. */
    abstract void await(BooleanSupplier condition);

    @Test
    void opensOnceAndSaysNothingBefore() {
        Connection connection = open();
        assertEquals(List.of("open"), recorder.events());
        end(connection);
    }

    @Test
    void messagesKeepTheirKindAndOrder() {
        Connection connection = open();
        for (int i = 0; i < 100; i++) {
            assertTrue(connection.sendText("t" + i, ("t" + i).length()));
            assertTrue(connection.sendBinary(ByteString.of((byte) i)));
        }
        await(() -> recorder.events().size() == 201 && recorder.written.get() == 200);
        List<String> expected = new ArrayList<>(List.of("open"));
        for (int i = 0; i < 100; i++) {
            expected.add("text t" + i);
            expected.add("binary " + ByteString.of((byte) i).hex());
        }
        assertEquals(expected, recorder.events());
        end(connection);
    }

    @Test
    void pingsAreAnsweredWithTheirPayload() {
        Connection connection = open();
        connection.sendPing(ByteString.encodeUtf8("p"));
        await(() -> recorder.events().contains("pong 70") && recorder.pingsWritten.get() == 1);
        assertEquals(0, recorder.written.get());
        end(connection);
    }

    @Test
    void closedByUsAfterWhatIsQueued() {
        Connection connection = open();
        connection.sendText("last", 4);
        connection.close(CloseStatus.of(1000, "bye"));
        assertFalse(connection.sendText("late", 4));
        await(recorder::hasEnded);
        assertEquals(List.of("open", "text last", "closed 1000 bye"), recorder.events());
    }

    @Test
    void closedByTheServer() {
        Connection connection = open();
        connection.sendText("close", 5);
        await(recorder::hasEnded);
        assertEquals(List.of("open", "closing 4000", "closed 4000"), recorder.events());
        assertFalse(connection.sendText("late", 4));
    }

    @Test
    void cancelEndsItWithAWord() {
        Connection connection = open();
        connection.cancel();
        await(recorder::hasEnded);
        assertEquals(List.of("open", "failed SESSION: cancelled"), recorder.events());
        connection.cancel();
        connection.close(CloseStatus.of(1000, ""));
        assertFalse(connection.sendText("late", 4));
        assertEquals(2, recorder.events().size());
    }

    @Test
    void cancelWhileOpening() {
        Connection connection = transport().open(request(), recorder);
        connection.cancel();
        await(recorder::hasEnded);
        assertEquals(1, recorder.events().size(), recorder.events().toString());
        assertTrue(
                recorder.events().get(0).startsWith("failed"), recorder.events().toString());
    }

    @Test
    void refused() {
        transport().open(refusingRequest(), recorder);
        await(recorder::hasEnded);
        assertEquals(1, recorder.events().size());
        assertTrue(
                recorder.events().get(0).startsWith("failed TCP: connection refused"),
                recorder.events().toString());
    }

    @Test
    void nothingIsToldWhileReadingIsStopped() {
        Connection connection = open();
        connection.setReading(false);
        // One frame may have been on its way into the reader already.
        connection.sendText("a", 1);
        connection.sendText("b", 1);
        await(() -> recorder.written.get() == 2);
        long before = connection.lastInboundAt();
        await(() -> connection.lastInboundAt() > before);
        assertFalse(recorder.events().contains("text b"));
        connection.setReading(true);
        await(() -> recorder.events().contains("text b"));
        assertEquals(List.of("open", "text a", "text b"), recorder.events());
        end(connection);
    }

    @Test
    void tellsThatItWaitsWhenNothingMoreHasCome() {
        Connection connection = open();
        for (int i = 0; i < 3; i++) {
            recorder.waitsSinceText = false;
            connection.sendText("x" + i, 2);
            String last = "text x" + i;
            await(() -> recorder.events().contains(last) && recorder.waitsSinceText);
        }
        end(connection);
    }

    @Test
    void knowsWhenBytesLastWentInAndOut() {
        Connection connection = open();
        long in = connection.lastInboundAt();
        long out = connection.lastOutboundAt();
        connection.sendText("x", 1);
        await(() -> recorder.events().contains("text x"));
        assertTrue(connection.lastInboundAt() > in);
        assertTrue(connection.lastOutboundAt() > out);
        end(connection);
    }

    private Connection open() {
        Connection connection = transport().open(request(), recorder);
        await(() -> !recorder.events().isEmpty());
        return connection;
    }

    private void end(Connection connection) {
        connection.cancel();
        await(recorder::hasEnded);
    }

    private static final class Recorder implements ConnectionListener {
        private final List<String> events = new ArrayList<>();
        final AtomicInteger written = new AtomicInteger();
        final AtomicInteger pingsWritten = new AtomicInteger();
        volatile boolean waitsSinceText;

        synchronized List<String> events() {
            return new ArrayList<>(events);
        }

        private synchronized void add(String event) {
            if (hasEnded()) throw new Violation(event + " after " + events);
            events.add(event);
        }

        synchronized boolean hasEnded() {
            if (events.isEmpty()) return false;
            String last = events.get(events.size() - 1);
            return last.startsWith("closed") || last.startsWith("failed");
        }

        @Override
        public void onOpen(Connection connection) {
            add("open");
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            waitsSinceText = false;
            add("text " + text.string());
        }

        @Override
        public void onWaiting() {
            waitsSinceText = true;
        }

        @Override
        public void onBinary(ByteString bytes) {
            add("binary " + bytes.hex());
        }

        @Override
        public void onPong(ByteString payload) {
            add("pong " + payload.hex());
        }

        @Override
        public void onWritten(int messages) {
            written.addAndGet(messages);
        }

        @Override
        public void onPingWritten() {
            pingsWritten.incrementAndGet();
        }

        @Override
        public void onClosing(CloseStatus status) {
            add("closing " + status);
        }

        @Override
        public void onClosed(CloseStatus status) {
            add("closed " + status);
        }

        @Override
        public void onFailed(TransportException failure) {
            add("failed " + failure.phase() + ": " + failure.getMessage());
        }
    }
}

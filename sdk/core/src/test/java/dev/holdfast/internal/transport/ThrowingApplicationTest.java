package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the application's event listener, executor or scheduler throws, the end of a connection is reported. */
@Timeout(30)
class ThrowingApplicationTest {
    private static final String NO_TASKS = "the I/O executor rejected a task";

    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();

    /** An event listener that throws in the events of one name. */
    private static final class Thrower extends EventListener {
        final Throwable thrown;
        private final String event;

        Thrower(String event, Throwable thrown) {
            this.event = event;
            this.thrown = thrown;
        }

        private void at(String now) {
            if (now.equals(event)) Thrower.<RuntimeException>throwAny(thrown);
        }

        /** A listener in Kotlin may throw anything, since nobody declares it. */
        @SuppressWarnings("unchecked")
        private static <E extends Throwable> void throwAny(Throwable thrown) throws E {
            throw (E) thrown;
        }

        @Override
        public void callStart(Call call) {
            at("callStart");
        }

        @Override
        public void connectionReleased(Call call, okhttp3.Connection connection) {
            at("connectionReleased");
        }

        @Override
        public void callEnd(Call call) {
            at("callEnd");
        }

        @Override
        public void canceled(Call call) {
            at("canceled");
        }
    }

    private Connection open(Thrower thrower) {
        OkHttpClient client = rig.client.newBuilder().eventListener(thrower).build();
        return rig.open(client, rig.server.url(), null, recorder);
    }

    private static Throwable thrown(String kind) {
        switch (kind) {
            case "Error":
                return new AssertionError("application's bug");
            case "RuntimeException":
                return new IllegalStateException("application's bug");
            default:
                return new Exception("application's bug");
        }
    }

    // ---- event listeners ----

    @ParameterizedTest
    @ValueSource(strings = {"Error", "RuntimeException", "Exception"})
    void anEventListenerThatThrowsAsTheCallEnds(String kind) throws Exception {
        Thrower thrower = new Thrower("callEnd", thrown(kind));
        open(thrower);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        peer.endStream();
        assertEquals(
                "server ended the connection without a close frame",
                recorder.takeFailed().getMessage());
        assertSame(thrower.thrown, rig.threads.takeThrown(1).get(0));
        peer.takeEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {"callEnd", "connectionReleased"})
    void anEventListenerThatThrowsBehindTheClosingHandshake(String event) throws Exception {
        Thrower thrower = new Thrower(event, thrown("Error"));
        Connection connection = open(thrower);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "bye");
        peer.close();
        recorder.takeClosed(1000, "bye");
        assertSame(thrower.thrown, rig.threads.takeThrown(1).get(0));
    }

    /** What is wrong with the answer is reported, not what is wrong with the listener that hears of its end. */
    @Test
    void anEventListenerThatThrowsBehindAWrongAnswer() throws Exception {
        Thrower thrower = new Thrower("callEnd", thrown("Error"));
        open(thrower);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.removeIf(line -> line.startsWith("Sec-WebSocket-Accept"));
        peer.answer(head);
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.UPGRADE, failure.phase());
        assertTrue(failure.getMessage().contains("Sec-WebSocket-Accept"), failure.getMessage());
        assertSame(thrower.thrown, rig.threads.takeThrown(1).get(0));
        peer.takeEnd();
    }

    /** The same for one that hears of the cancelling. The socket must not go back to OkHttp's pool. */
    @Test
    void anEventListenerThatThrowsAsAWrongAnswerIsCancelled() throws Exception {
        Thrower thrower = new Thrower("canceled", thrown("Error"));
        open(thrower);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.removeIf(line -> line.startsWith("Sec-WebSocket-Accept"));
        peer.answer(head);
        TransportException failure = recorder.takeFailed();
        assertTrue(failure.getMessage().contains("Sec-WebSocket-Accept"), failure.getMessage());
        assertSame(thrower.thrown, rig.threads.takeThrown(1).get(0));
        peer.takeEnd();
    }

    @Test
    void anEventListenerThatThrowsAsTheCallBegins() throws Exception {
        Thrower thrower = new Thrower("callStart", thrown("Error"));
        open(thrower);
        assertSame(thrower.thrown, recorder.takeFailed().getCause());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Error", "RuntimeException", "Exception"})
    void anEventListenerThatThrowsAsTheCallIsCancelled(String kind) throws Exception {
        Thrower thrower = new Thrower("canceled", thrown(kind));
        Connection connection = open(thrower);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        recorder.onText = () -> connection.setReading(false);
        peer.text("the reader waits for permission");
        recorder.takeText("the reader waits for permission");
        connection.cancel();
        TransportException failure = recorder.takeFailed();
        assertEquals("cancelled", failure.getMessage());
        assertEquals(List.of(thrower.thrown), List.of(failure.getSuppressed()));
        peer.takeEnd();
    }

    @Test
    void anEventListenerThatThrowsAsOpeningTakesTooLong() throws Exception {
        open(new Thrower("canceled", thrown("Error")));
        Peer peer = rig.server.accept();
        peer.readRequest();
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        assertEquals(
                "no answer to the upgrade within 15000 ms",
                recorder.takeFailed().getMessage());
        peer.takeEnd();
    }

    // ---- executors and schedulers ----

    private Connection open(Executor executor, Scheduler scheduler) {
        return new OkHttpTransport(rig.client, null, rig.settings, executor, scheduler, rig.clock, new Random(42))
                .open(rig.request(), recorder);
    }

    @Test
    void anExecutorWithoutAThreadForTheUpgrade() throws Exception {
        OutOfMemoryError thrown = new OutOfMemoryError("unable to create native thread");
        Connection connection = open(
                task -> {
                    throw thrown;
                },
                rig.clock);
        TransportException failure = recorder.takeFailed();
        assertEquals(NO_TASKS, failure.getMessage());
        assertSame(thrown, failure.getCause());
        assertFalse(connection.sendText("late", 4));
    }

    @Test
    void anExecutorWithoutAThreadForTheReader() throws Exception {
        open(withThreads(1), rig.clock);
        Peer peer = rig.server.acceptUpgrade();
        TransportException failure = recorder.takeFailed();
        assertEquals(NO_TASKS, failure.getMessage());
        assertEquals(Phase.UPGRADE, failure.phase(), "a later attempt may get a thread");
        peer.takeEnd();
    }

    private Executor withThreads(int most) {
        AtomicInteger tasks = new AtomicInteger();
        return task -> {
            if (tasks.incrementAndGet() > most) throw new OutOfMemoryError("unable to create native thread");
            rig.threads.execute(task);
        };
    }

    @Test
    void anExecutorWithoutAThreadForTheWriter() throws Exception {
        open(withThreads(2), rig.clock);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        peer.ping("now");
        TransportException failure = recorder.takeFailed();
        assertEquals(NO_TASKS, failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase(), "a later attempt may get a thread");
        peer.takeEnd();
    }

    @Test
    void anExecutorWithoutAThreadForTheReportThatOpeningTookTooLong() throws Exception {
        open(withThreads(1), rig.clock);
        Peer peer = rig.server.accept();
        peer.readRequest();
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        assertEquals(
                "no answer to the upgrade within 15000 ms",
                recorder.takeFailed().getMessage());
        peer.takeEnd();
    }

    /** A closing handshake that cannot be given a time limit could last for ever. */
    @Test
    void aSchedulerThatTakesNoTimeLimit() throws Exception {
        AtomicInteger tasks = new AtomicInteger();
        Connection connection = open(rig.threads, (task, delay) -> {
            if (tasks.incrementAndGet() > 1) throw new OutOfMemoryError("unable to create native thread");
            return rig.clock.schedule(task, delay);
        });
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        connection.close(CloseStatus.of(1000, ""));
        assertEquals(
                "the scheduler rejected the closing handshake's time limit",
                recorder.takeFailed().getMessage());
        skipFrames(peer);
    }

    private static void skipFrames(Peer peer) throws IOException {
        while (peer.readFrame() != null) {
            // Skipped.
        }
    }
}

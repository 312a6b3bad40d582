package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Peer;
import dev.holdfast.websocket.ListenerRecorder.Binary;
import dev.holdfast.websocket.ListenerRecorder.Closed;
import dev.holdfast.websocket.ListenerRecorder.Closing;
import dev.holdfast.websocket.ListenerRecorder.Failed;
import dev.holdfast.websocket.ListenerRecorder.Opened;
import dev.holdfast.websocket.ListenerRecorder.Text;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The calls that a listener may make in its callbacks, and the effect of its exceptions. */
interface ListenerContract extends FactoryContract {
    ByteString BYTES = ByteString.of((byte) 1);

    /** What a listener that is not written in Java may throw, nobody having declared it. */
    final class Checked extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** Lets the server say what leads to this callback, once it is open. */
    private static void provoke(Peer peer, Class<?> callback) throws IOException {
        if (callback == Text.class) peer.text("hi");
        if (callback == Binary.class) peer.binary(BYTES);
        if (callback == Closing.class) peer.closeFrame(1001, "bye");
    }

    private static void takeUpTo(ListenerRecorder recorder, Class<?> callback) throws InterruptedException {
        recorder.takeOpened();
        if (callback == Text.class) recorder.takeText("hi");
        if (callback == Binary.class) recorder.takeBinary(BYTES);
        if (callback == Closing.class) recorder.takeClosing(1001, "bye");
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class})
    default void sendInACallback(Class<?> callback) throws Exception {
        AtomicReference<Boolean> sent = new AtomicReference<>();
        ListenerRecorder recorder =
                rig().newRecorder().during(callback, webSocket -> sent.set(webSocket.send("from inside")));
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        provoke(peer, callback);
        peer.takeText("from inside");
        takeUpTo(recorder, callback);
        assertEquals(true, sent.get());
        rig().endByCancel(webSocket, recorder);
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class, Closing.class})
    default void closeInACallback(Class<?> callback) throws Exception {
        AtomicReference<Boolean> closed = new AtomicReference<>();
        ListenerRecorder recorder =
                rig().newRecorder().during(callback, webSocket -> closed.set(webSocket.close(1000, "from inside")));
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        provoke(peer, callback);
        assertEquals("from inside", peer.takeClose(1000).payload().substring(2).utf8());
        if (callback != Closing.class) peer.closeFrame(1001, "bye");
        peer.close();
        takeUpTo(recorder, callback);
        if (callback != Closing.class) recorder.takeClosing(1001, "bye");
        recorder.takeClosed(1001, "bye");
        assertEquals(true, closed.get());
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class})
    default void cancelInACallback(Class<?> callback) throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(callback, WebSocket::cancel);
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        provoke(peer, callback);
        takeUpTo(recorder, callback);
        recorder.takeFailed(IOException.class);
        peer.takeEnd();
    }

    @Test
    default void cancelInOnClosing() throws Exception {
        boolean told = rig().has(Difference.ALWAYS_REPORTS_THE_END);
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, WebSocket::cancel);
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.closeFrame(1001, "bye");
        recorder.takeOpened();
        recorder.takeClosing(1001, "bye");
        if (told) {
            recorder.takeClosed(1001, "bye");
        } else {
            // It has ended, but only who tries to write hears of it: mostly of a failure, and of a close if OkHttp
            // takes the
            // server's close frame for the end before it notices that its socket is closed.
            // It may even tell both.
            recorder.oneEndIsEnough();
            peer.takeEnd();
            assertTrue(webSocket.close(1000, null));
            Object end = recorder.take();
            assertTrue(end instanceof Failed || end instanceof Closed, end::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Closed.class, Failed.class})
    default void nothingHasAnEffectInTheLastCallback(Class<?> callback) throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(callback, webSocket -> {
            assertFalse(webSocket.send("late"));
            assertFalse(webSocket.close(1000, null));
            assertEquals(0, webSocket.queueSize());
            webSocket.cancel();
        });
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        end(webSocket, peer, callback);
        takeEnd(recorder, callback);
    }

    private static void end(WebSocket webSocket, Peer peer, Class<?> callback) throws IOException {
        if (callback == Closed.class) {
            assertTrue(webSocket.close(1000, null));
            peer.takeClose(1000);
            peer.closeFrame(1000, "");
        }
        peer.close();
    }

    private static void takeEnd(ListenerRecorder recorder, Class<?> callback) throws InterruptedException {
        if (callback == Closed.class) {
            recorder.takeClosingAndClosed(1000, "");
        } else {
            recorder.takeFailed(IOException.class);
        }
    }

    // ---- what is thrown ----

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class, Closing.class})
    default void aCallbackThatThrows(Class<?> callback) throws Exception {
        assertFailsWith(new IllegalStateException("a bug"), callback);
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class, Closing.class})
    default void aCallbackThatThrowsWhatIsChecked(Class<?> callback) throws Exception {
        assertFailsWith(new Checked(), callback);
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class, Closing.class})
    default void aCallbackThatThrowsAnIoException(Class<?> callback) throws Exception {
        assertFailsWith(new IOException("of the listener"), callback);
    }

    private void assertFailsWith(Exception mine, Class<?> callback) throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(callback, caller -> {
            throw mine;
        });
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        provoke(peer, callback);
        takeUpTo(recorder, callback);
        assertSame(mine, recorder.takeFailed(mine.getClass()));
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.close(1000, null));
        peer.takeEnd();
    }

    @Test
    default void onClosingThatThrowsAfterOurOwnClose() throws Exception {
        IllegalStateException mine = new IllegalStateException("a bug");
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, caller -> {
            throw mine;
        });
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        peer.takeClose(1000);
        peer.closeFrame(1001, "bye");
        peer.close();
        recorder.takeClosing(1001, "bye");
        assertSame(mine, recorder.takeFailed(IllegalStateException.class));
    }

    @ParameterizedTest
    @ValueSource(classes = {Opened.class, Text.class, Binary.class, Closing.class})
    default void aCallbackThatThrowsAnError(Class<?> callback) throws Exception {
        boolean told = rig().has(Difference.REPORTS_ERRORS);
        Error mine = new StackOverflowError("in a listener");
        ListenerRecorder recorder = rig().newRecorder().during(callback, caller -> {
            throw mine;
        });
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        provoke(peer, callback);
        takeUpTo(recorder, callback);
        if (!told) {
            assertSame(mine, rig().io.takeThrown());
            // It has ended, but only who tries to write hears of it.
            assertTrue(webSocket.close(1000, null));
            recorder.takeFailed(IOException.class);
        } else {
            assertSame(mine, recorder.takeFailed(Error.class));
        }
        peer.takeEnd();
    }

    @Test
    default void aLastCallbackThatThrows() throws Exception {
        IllegalStateException mine = new IllegalStateException("a bug");
        ListenerRecorder recorder = rig().newRecorder().during(Failed.class, caller -> {
            throw mine;
        });
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.close();
        recorder.takeFailed(IOException.class);
        assertSame(mine, rig().io.takeThrown());
    }
}

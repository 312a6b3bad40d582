package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** Takes down what a web socket tells, to be taken in order, and does in a callback what a test wants done there. */
final class ListenerRecorder extends WebSocketListener {
    private static final long LIMIT_SECONDS = 10;

    record Opened(Response response) {}

    record Text(String text) {}

    record Binary(ByteString bytes) {}

    record Closing(int code, String reason) {}

    record Closed(int code, String reason) {}

    /** @param body what the listener could read of the response, null where there was none */
    record Failed(Throwable reason, Response response, String body) {}

    /** Of a test, inside a callback. */
    interface Reaction {
        void on(WebSocket webSocket) throws Exception;
    }

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final Map<Class<?>, Reaction> reactions = new ConcurrentHashMap<>();

    // Guarded by this.
    private final List<String> wrong = new ArrayList<>();
    private WebSocket webSocket;
    private Thread inside;
    private int ends;
    /** Whether an end behind the first one counts for nothing. */
    private boolean oneEndIsEnough;

    /** From now on callbacks of this kind do this before they return. */
    ListenerRecorder during(Class<?> kind, Reaction reaction) {
        reactions.put(kind, reaction);
        return this;
    }

    // ---- what the web socket tells ----

    private synchronized void enter(WebSocket caller, Object event, boolean isEnd) {
        if (inside != null) wrong.add(event + " beside another call");
        if (ends > 0) wrong.add(event + " after the end");
        if (webSocket != null && webSocket != caller) wrong.add(event + " of another web socket");
        inside = Thread.currentThread();
        webSocket = caller;
        if (isEnd) ends++;
    }

    private synchronized void leave(Object event) {
        inside = null;
        events.add(event);
    }

    /** From now on an end behind the first one counts for nothing. */
    synchronized void oneEndIsEnough() {
        oneEndIsEnough = true;
    }

    private synchronized boolean isIgnored(boolean isEnd) {
        return oneEndIsEnough && isEnd && ends > 0;
    }

    private void record(WebSocket caller, Object event, boolean isEnd) {
        if (isIgnored(isEnd)) return;
        enter(caller, event, isEnd);
        try {
            Reaction reaction = reactions.get(event.getClass());
            if (reaction != null) reaction.on(caller);
        } catch (Exception e) {
            ListenerRecorder.<RuntimeException>throwAny(e);
        } finally {
            leave(event);
        }
    }

    /** What a listener in another language may throw, nobody having declared it. */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> void throwAny(Exception e) throws E {
        throw (E) e;
    }

    @Override
    public void onOpen(WebSocket caller, Response response) {
        record(caller, new Opened(response), false);
    }

    @Override
    public void onMessage(WebSocket caller, String text) {
        record(caller, new Text(text), false);
    }

    @Override
    public void onMessage(WebSocket caller, ByteString bytes) {
        record(caller, new Binary(bytes), false);
    }

    @Override
    public void onClosing(WebSocket caller, int code, String reason) {
        record(caller, new Closing(code, reason), false);
    }

    @Override
    public void onClosed(WebSocket caller, int code, String reason) {
        record(caller, new Closed(code, reason), true);
    }

    @Override
    public void onFailure(WebSocket caller, Throwable reason, Response response) {
        record(caller, new Failed(reason, response, body(response)), true);
    }

    private static String body(Response response) {
        if (response == null || response.code() == 101) return null;
        try {
            return response.body().string();
        } catch (IOException e) {
            return e.toString();
        }
    }

    // ---- what a test takes ----

    Object take() throws InterruptedException {
        Object event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(event, "nothing told");
        return event;
    }

    <T> T take(Class<T> kind) throws InterruptedException {
        return assertInstanceOf(kind, take());
    }

    Response takeOpened() throws InterruptedException {
        return take(Opened.class).response();
    }

    void takeText(String text) throws InterruptedException {
        assertEquals(new Text(text), take());
    }

    void takeBinary(ByteString bytes) throws InterruptedException {
        assertEquals(new Binary(bytes), take());
    }

    void takeClosing(int code, String reason) throws InterruptedException {
        assertEquals(new Closing(code, reason), take());
    }

    /** The end, but for which nothing was told. */
    void takeClosed(int code, String reason) throws InterruptedException {
        assertEquals(new Closed(code, reason), take());
    }

    /** The closing handshake and the end. */
    void takeClosingAndClosed(int code, String reason) throws InterruptedException {
        takeClosing(code, reason);
        takeClosed(code, reason);
    }

    /** The end, for a reason of this kind, with no answer to the upgrade at hand. */
    <T extends Throwable> T takeFailed(Class<T> kind) throws InterruptedException {
        Failed failed = take(Failed.class);
        assertNull(failed.response());
        return assertInstanceOf(kind, failed.reason());
    }

    /** Nothing has been told that was not taken. */
    void assertNothingMore() {
        assertNull(events.peek());
    }

    /** For the end of a test: one end was told, all was taken, and all was told in its turn. */
    synchronized void assertEndedOnce() {
        assertEquals(List.of(), wrong);
        assertEquals(1, ends, "ends told");
        assertNull(events.peek(), "told and not taken");
    }
}

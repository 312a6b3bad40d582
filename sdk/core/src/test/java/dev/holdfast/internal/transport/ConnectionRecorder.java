package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import okio.ByteString;

/** Takes down what a connection tells, to be taken in order. What its writer tells is only counted. */
final class ConnectionRecorder implements ConnectionListener {
    private static final long LIMIT_SECONDS = 10;

    record Opened(Connection connection) {}

    record Text(String text) {}

    record Binary(ByteString bytes) {}

    record Pong(ByteString payload) {}

    record Closing(int code, String reason) {}

    record Closed(int code, String reason) {}

    record Failed(TransportException failure) {}

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    // Guarded by this.
    private final List<String> late = new ArrayList<>();
    private int ends;
    private int written;
    private int pingsWritten;
    private int pings;
    private String endedOn;
    /** Whether a message was told and the reader has not waited since. */
    private boolean unsettled;

    private final List<String> early = new ArrayList<>();

    /** Called on the connection's thread for every text, before it is recorded. */
    volatile Runnable onText = () -> {};

    /** Called on the connection's thread where it waits for the first time after a message. */
    volatile Runnable onSettling = () -> {};

    /** Called on the connection's thread before the end is recorded. */
    volatile Runnable onEnd = () -> {};

    private synchronized void record(Object event) {
        if (ends > 0) late.add(event.toString());
        events.add(event);
    }

    private synchronized void recordMessage(Object event) {
        unsettled = true;
        record(event);
    }

    /** Messages may be gathered until the reader waits, so that it must be told to wait before the end is told. */
    private synchronized void recordClose(Object event) {
        if (unsettled) early.add(event.toString());
        record(event);
    }

    private synchronized void recordEnd(Object event) {
        recordClose(event);
        ends++;
        endedOn = Thread.currentThread().getName();
    }

    // ---- what the connection tells ----

    @Override
    public void onOpen(Connection connection) {
        record(new Opened(connection));
    }

    @Override
    public void onText(Utf8Text text) throws ProtocolViolation {
        Text told = new Text(text.string());
        onText.run();
        recordMessage(told);
    }

    @Override
    public void onBinary(ByteString bytes) {
        recordMessage(new Binary(bytes));
    }

    @Override
    public void onWaiting() {
        if (isUnsettled()) onSettling.run();
        synchronized (this) {
            unsettled = false;
        }
    }

    private synchronized boolean isUnsettled() {
        return unsettled;
    }

    @Override
    public synchronized void onPing() {
        pings++;
        notifyAll();
    }

    /** Returns how many pings of the peer's were told. */
    synchronized int pings() {
        return pings;
    }

    @Override
    public void onPong(ByteString payload) {
        record(new Pong(payload));
    }

    @Override
    public synchronized void onWritten(int messages) {
        if (ends > 0) late.add("written " + messages);
        written += messages;
        notifyAll();
    }

    @Override
    public synchronized void onPingWritten() {
        if (ends > 0) late.add("ping written");
        pingsWritten++;
        notifyAll();
    }

    @Override
    public void onClosing(CloseStatus status) {
        recordClose(new Closing(status.code(), status.reason()));
    }

    @Override
    public void onClosed(CloseStatus status) {
        recordEnd(new Closed(status.code(), status.reason()));
    }

    @Override
    public void onFailed(TransportException failure) {
        onEnd.run();
        recordEnd(new Failed(failure));
    }

    // ---- what a test takes ----

    Object take() throws InterruptedException {
        Object event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(event, "nothing told");
        return event;
    }

    Connection takeOpened() throws InterruptedException {
        return assertInstanceOf(Opened.class, take()).connection();
    }

    void takeText(String text) throws InterruptedException {
        assertEquals(new Text(text), take());
    }

    /** The peer's close frame was the first. */
    void takeClosing(int code, String reason) throws InterruptedException {
        assertEquals(new Closing(code, reason), take());
    }

    /** Whether something has been told that was not taken. */
    boolean hasMore() {
        return !events.isEmpty();
    }

    /** The peer's close frame was the first, and all is over. */
    void takeClosedByPeer(int code, String reason) throws InterruptedException {
        takeClosing(code, reason);
        takeClosed(code, reason);
    }

    void takeClosed(int code, String reason) throws InterruptedException {
        assertEquals(new Closed(code, reason), take());
    }

    TransportException takeFailed() throws InterruptedException {
        return assertInstanceOf(Failed.class, take()).failure();
    }

    /** Nothing has been told that was not taken. */
    void assertNothingMore() {
        assertEquals(null, events.peek());
    }

    /** The name of the thread that told of the end. */
    synchronized String endedOn() {
        return endedOn;
    }

    synchronized int written() {
        return written;
    }

    synchronized void awaitWritten(int messages) throws InterruptedException {
        await(() -> written, messages, "messages written");
    }

    synchronized void awaitPingsWritten(int count) throws InterruptedException {
        await(() -> pingsWritten, count, "pings written");
    }

    /** Waits until so many pings of the peer's were told; their pongs are queued then. */
    synchronized void awaitPings(int count) throws InterruptedException {
        await(() -> pings, count, "pings told");
    }

    /** Called with the lock held. */
    private void await(IntSupplier counter, int count, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (counter.getAsInt() < count) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(counter.getAsInt() + " " + what + ", not " + count);
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        assertEquals(count, counter.getAsInt(), what);
    }

    /** For the end of a test: one end was told, all was taken, and nothing came behind the end. */
    synchronized void assertEndedOnce() {
        assertEquals(List.of(), late, "told after the end");
        assertEquals(List.of(), early, "told before what came was settled");
        assertEquals(1, ends, "ends told");
        assertEquals(null, events.peek(), "told and not taken");
    }
}

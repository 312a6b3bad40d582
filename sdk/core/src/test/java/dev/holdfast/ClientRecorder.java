package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Takes down what a client tells, to be taken in order, and watches that it tells one thing at a time. */
final class ClientRecorder implements HoldfastListener {
    private static final long LIMIT_SECONDS = 10;

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final List<String> wrongs = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean closed;

    /** The start of the name that every calling thread must have; null for any. */
    volatile String threads;

    /** Called for each message, before it is recorded. */
    volatile Consumer<Message> onMessage = message -> {};

    private void record(Object event) {
        if (inside.incrementAndGet() != 1) wrongs.add("two calls at once: " + event);
        if (closed) wrongs.add("called after onClosed: " + event);
        String name = Thread.currentThread().getName();
        if (threads != null && !name.startsWith(threads)) wrongs.add("called on " + name + ": " + event);
        events.add(event);
        inside.decrementAndGet();
    }

    @Override
    public void onState(HoldfastClient client, ClientState state) {
        record(state);
    }

    @Override
    public void onMessage(HoldfastClient client, Message message) {
        onMessage.accept(message);
        record(message);
    }

    @Override
    public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
        record(failure);
    }

    @Override
    public void onSessionLost(HoldfastClient client, SessionLoss loss) {
        record(loss);
    }

    @Override
    public void onClosed(HoldfastClient client, CloseReason reason) {
        record(reason);
        closed = true;
    }

    Object take() throws InterruptedException {
        Object event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(event, "nothing told");
        return event;
    }

    void takeStates(ClientState... states) throws InterruptedException {
        for (ClientState state : states) assertEquals(state, take());
    }

    Message takeMessage() throws InterruptedException {
        return assertInstanceOf(Message.class, take());
    }

    ConnectionFailure takeFailure() throws InterruptedException {
        return assertInstanceOf(ConnectionFailure.class, take());
    }

    /** Skips what else there is until the client is in {@code state}. */
    void awaitState(ClientState state) throws InterruptedException {
        for (Object event = take(); event != state; ) event = take();
    }

    void takeClosed(int code, String reason) throws InterruptedException {
        takeStates(ClientState.CLOSED);
        CloseReason told = assertInstanceOf(CloseReason.class, take());
        assertEquals(code, told.code());
        assertEquals(reason, told.reason());
    }

    void assertNothingMore() {
        assertNull(events.peek());
    }

    void assertNothingWrong() {
        assertEquals(List.of(), new ArrayList<>(wrongs));
    }
}

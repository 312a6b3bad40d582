package dev.holdfast.server;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one connection sends, in order: answers, acknowledgements, and the session's log from a position on.
 *
 * <p>Any thread may {@link #pump}. One thread at a time does so, and sends for the others as well. Its callbacks
 * pump too, so a slow client blocks no thread: at most {@value #MAX_IN_FLIGHT} messages or
 * {@value #MAX_IN_FLIGHT_BYTES} bytes are with the transport, and the rest waits in the log. No lock is held while the
 * transport is called or the log is read.
 */
final class Outbox {
    private static final int MAX_IN_FLIGHT = 256;
    private static final long MAX_IN_FLIGHT_BYTES = 256 * 1024;
    private static final int MAX_ANSWERS = 1024;

    private final Transport transport;
    private final Callbacks callbacks;
    private final SendWindow window;
    private final Executor pumper;
    private final AtomicInteger pumps = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();

    /** Messages that were read from the log and not yet sent. Used only by the thread that pumps. */
    private final ArrayDeque<MessageLog.Entry> read = new ArrayDeque<>();

    private final ReentrantLock lock = new ReentrantLock();
    // All fields from here on are guarded by lock.
    private final ArrayDeque<String> answers = new ArrayDeque<>();
    private int inFlight;
    private long inFlightBytes;
    private @Nullable Ack ack;
    private @Nullable LogCursor stream;
    private @Nullable Close close;
    private boolean stopped;

    /** Callbacks from the outbox to its connection. Never called with a lock held. */
    interface Callbacks {
        /** Called when the next message is no longer in the log, so that nothing more can be sent. */
        void onHistoryGone();

        /** Called when the log cannot be read or the transport has thrown. The stream has ended. */
        void onFailed(Throwable failure);

        /** Called when the client reads nothing and keeps asking for answers. */
        void onFlooded();
    }

    /**
     * @param pumper where the log is read and messages are sent; may run tasks in the caller if the log never blocks
     */
    Outbox(Transport transport, Callbacks callbacks, SendWindow window, Executor pumper) {
        this.transport = transport;
        this.callbacks = callbacks;
        this.window = window;
        this.pumper = pumper;
    }

    /**
     * Sends the welcome, the log from one position to another, {@code live}, and then every further message of the log.
     */
    void start(String welcome, MessageLog log, String position, String replayEnd) {
        lock.lock();
        try {
            answers.add(welcome);
            stream = new LogCursor(log, position, replayEnd);
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Sends an envelope that is not a message of the stream. */
    void answer(String envelope) {
        boolean flooded;
        lock.lock();
        try {
            flooded = answers.size() >= MAX_ANSWERS;
            if (!flooded) {
                // An acknowledgement that is due goes before the answer.
                String due = takeDueAck();
                if (due != null) {
                    answers.add(due);
                }
                answers.add(envelope);
            }
        } finally {
            lock.unlock();
        }
        if (flooded) {
            callbacks.onFlooded();
        }
        pump();
    }

    /**
     * Acknowledges up to a seq, but not before the stream has reached a position. An acknowledgement that overtakes the
     * rejection of a seq it covers would contradict it.
     */
    void ack(long seq, @Nullable String notBefore) {
        lock.lock();
        try {
            ack = new Ack(seq, notBefore);
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Returns whether the client can have a position: it started after it, or has been sent it since. */
    boolean hasSent(String position) {
        lock.lock();
        try {
            LogCursor current = stream;
            return current != null && current.hasPassed(position);
        } finally {
            lock.unlock();
        }
    }

    /** Opens the window: the client has handled everything through a position. */
    void acknowledged(String position) {
        lock.lock();
        try {
            LogCursor current = stream;
            if (current != null && current.open) {
                window.acknowledged(current.log, position);
            }
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Stops sending the stream. */
    void endStream() {
        lock.lock();
        try {
            if (stream != null) {
                stream.open = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends the waiting answers, then the close frame, then nothing more. Only the first close has an effect. */
    void close(int code, String reason) {
        lock.lock();
        try {
            endStream();
            if (close == null) {
                close = new Close(code, reason);
            }
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Stops sending because the connection is gone. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            endStream();
            answers.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Sends what can be sent now. Never blocks. */
    void pump() {
        if (pumps.getAndIncrement() != 0) {
            return;
        }
        try {
            pumper.execute(this::drain);
        } catch (RuntimeException | Error e) {
            // Nobody pumps, so the next pump must not count on it.
            pumps.set(0);
            throw e;
        }
    }

    private void drain() {
        int missed = pumps.get();
        while (missed != 0) {
            try {
                boolean more = true;
                while (more) {
                    more = step();
                }
            } catch (Throwable e) {
                // Of any kind: without the count below nothing would ever be sent again.
                fail(e);
            }
            missed = pumps.addAndGet(-missed);
        }
    }

    private void fail(Throwable failure) {
        endStream();
        try {
            callbacks.onFailed(failure);
        } catch (RuntimeException | Error e) {
            // Not even the report was possible, for example for lack of memory.
            stop();
            transport.abort();
        }
    }

    private boolean step() {
        Step next;
        lock.lock();
        try {
            next = next();
        } finally {
            lock.unlock();
        }
        if (next instanceof Send send) {
            send(send.frame());
        } else if (next instanceof Close ending) {
            transport.close(ending.code(), ending.reason());
        } else if (next instanceof Forward forward) {
            return forward(forward.stream());
        }
        return next != null;
    }

    /** Returns the next step, or null if there is nothing to do or no room for it. */
    private @Nullable Step next() {
        if (stopped || inFlight >= MAX_IN_FLIGHT || inFlightBytes >= MAX_IN_FLIGHT_BYTES) {
            return null;
        }
        String answer = answers.poll();
        if (answer != null) {
            return taken(new Frame.Text(answer));
        }
        String due = takeDueAck();
        if (due != null) {
            return taken(new Frame.Text(due));
        }
        if (close != null) {
            stopped = true;
            return close;
        }
        LogCursor current = stream;
        if (current == null || !current.open) {
            return null;
        }
        if (!current.live && current.isReplayed()) {
            current.live = true;
            return taken(new Frame.Text(Envelopes.live()));
        }
        return window.isOpen() ? new Forward(current) : null;
    }

    private @Nullable String takeDueAck() {
        Ack waiting = ack;
        if (waiting == null) {
            return null;
        }
        LogCursor current = stream;
        String notBefore = waiting.notBefore();
        if (notBefore != null && (current == null || !current.hasPassed(notBefore))) {
            return null;
        }
        ack = null;
        return Envelopes.ack(waiting.seq());
    }

    /** Sends the log's next message. */
    private boolean forward(LogCursor current) {
        if (read.isEmpty()) {
            MessageLog.Read found = current.log.readAfter(current.position, MAX_IN_FLIGHT);
            if (found.place() != MessageLog.Place.HELD) {
                endStream();
                callbacks.onHistoryGone();
                return true;
            }
            read.addAll(found.entries());
        }
        MessageLog.Entry entry = read.poll();
        if (entry == null) {
            return false;
        }
        Frame frame = Envelopes.message(entry);
        lock.lock();
        try {
            if (stopped || !current.open) {
                return true;
            }
            // Set before the send: the acknowledgement may arrive before the send returns.
            current.position = entry.id();
            window.sent(entry.id(), frame.size());
            taken(frame);
        } finally {
            lock.unlock();
        }
        send(frame);
        return true;
    }

    private Send taken(Frame frame) {
        inFlight++;
        inFlightBytes += frame.size();
        return new Send(frame);
    }

    /** Returns the number of messages that the transport was given. */
    long sent() {
        return sent.get();
    }

    private void send(Frame frame) {
        sent.incrementAndGet();
        int size = frame.size();
        SendCallback callback = SendCallback.of(() -> onSent(size), failure -> stop());
        if (frame instanceof Frame.Text text) {
            transport.sendText(text.text(), callback);
        } else {
            transport.sendBinary(((Frame.Binary) frame).bytes(), callback);
        }
    }

    private void onSent(int size) {
        lock.lock();
        try {
            inFlight--;
            inFlightBytes -= size;
        } finally {
            lock.unlock();
        }
        pump();
    }

    private record Ack(long seq, @Nullable String notBefore) {}

    private sealed interface Step {}

    private record Send(Frame frame) implements Step {}

    private record Forward(LogCursor stream) implements Step {}

    private record Close(int code, String reason) implements Step {}
}

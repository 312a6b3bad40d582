package dev.holdfast.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection over plain HTTP: events go down in the answer of one request, or in those of polls, and messages come up
 * in requests of their own. What waits is bounded by those who send: the outbox below, and the client's one request above.
 */
final class HttpWire implements Transport {
    private static final int NO_CONTENT = 204;
    private static final int CONFLICT = 409;
    static final int GONE = 410;
    /**
     * The time after which a stream gets a comment, and a poll that waits its answer. Earlier ones would wake a client
     * that pings every 20 seconds once more.
     */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(25);

    /** The time after which a client that does not poll is gone. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.UTF_8);

    /** Where events go: the one answer of a stream, or the answer of one poll. */
    interface Sink {
        /** Writes; the callback says when it is written. After {@code last} nothing follows. */
        void write(boolean last, byte[] events, SendCallback callback);

        /** Gives up without an orderly end. */
        void fail();
    }

    private final ServerContext context;
    private final boolean polls;
    private final Runnable onEnd;
    private final AtomicInteger flushes = new AtomicInteger();
    private final AtomicInteger feeds = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    // All fields from here on are guarded by lock.
    private @Nullable ServerConnection connection;
    private @Nullable Sink sink;
    /** When the sink came, the last one was answered, or something was written. */
    private long quietSince;

    private @Nullable Future<?> pulse;
    private boolean writing;
    private boolean closing;
    private boolean ended;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    /** The pong that was added last, which may still be in {@code events}. */
    private @Nullable Event pong;

    private long polled;
    private byte @Nullable [] lastAnswer;
    private final ArrayDeque<HttpMembers.Member> members = new ArrayDeque<>();
    private int demanded;
    private long taken;
    private @Nullable IntConsumer taker;

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Event(byte[] bytes, SendCallback callback) {}

    /** @param onEnd called once when the connection is over */
    HttpWire(ServerContext context, Sink sink, boolean polls, Runnable onEnd) {
        this.context = context;
        this.sink = sink;
        this.quietSince = System.nanoTime();
        this.polls = polls;
        this.onEnd = onEnd;
    }

    /** Begins the connection with its first message, unless a request has ended it already. */
    void start(ServerConnection begun, Frame open) {
        boolean over;
        lock.lock();
        try {
            over = ended;
            if (!over) {
                connection = begun;
                members.add(new HttpMembers.Message(open));
                pulseIn(QUIET_NANOS);
            }
        } finally {
            lock.unlock();
        }
        if (over) {
            begun.onClosed();
        } else {
            begun.start();
        }
    }

    // ---- up ----

    /** Takes a request of the client's, and answers with a status. */
    void take(long number, List<HttpMembers.Member> sent, IntConsumer answer) {
        int status = 0;
        lock.lock();
        try {
            if (ended) {
                status = GONE;
            } else if (number <= taken) {
                status = NO_CONTENT;
            } else if (number != taken + 1 || taker != null) {
                status = CONFLICT;
            } else {
                taken = number;
                taker = answer;
                members.addAll(sent);
            }
        } finally {
            lock.unlock();
        }
        if (status == 0) {
            feed();
            return;
        }
        answer.accept(status);
        if (status == CONFLICT) {
            abort();
        }
    }

    @Override
    public void demand() {
        lock.lock();
        try {
            demanded++;
        } finally {
            lock.unlock();
        }
        feed();
    }

    /** Passes members on as they are asked for. One thread at a time does so, and for the others as well. */
    private void feed() {
        drain(feeds, this::feedOne);
    }

    /** Repeats a step until it returns false, on one thread at a time, which also does so for the calls that come meanwhile. */
    private void drain(AtomicInteger calls, BooleanSupplier step) {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        while (missed != 0) {
            try {
                while (step.getAsBoolean()) {
                    // On to the next.
                }
            } catch (RuntimeException | Error e) {
                // What the step has taken is lost. Without the count below nothing would ever be done again.
                breakOff(e);
            }
            missed = calls.addAndGet(-missed);
        }
    }

    private boolean feedOne() {
        HttpMembers.Member next;
        IntConsumer done = null;
        ServerConnection to;
        lock.lock();
        try {
            to = connection;
            next = members.peek();
            if (next == null) {
                done = taker;
                taker = null;
            } else if (next instanceof HttpMembers.Message && demanded == 0 && !ended) {
                return false;
            } else {
                members.poll();
                if (next instanceof HttpMembers.Message) {
                    demanded--;
                }
            }
        } finally {
            lock.unlock();
        }
        if (done != null) {
            done.accept(NO_CONTENT);
        }
        if (next == null || to == null) {
            return false;
        }
        if (next instanceof HttpMembers.Message message) {
            to.receive(message.frame());
        } else if (next instanceof HttpMembers.Ping ping) {
            answer(ping);
        } else if (next instanceof HttpMembers.Close close) {
            to.peerCloses(close.code(), close.reason());
        }
        return true;
    }

    // ---- down ----

    @Override
    public void sendText(String text, SendCallback callback) {
        add(event("", text), callback, false);
    }

    @Override
    public void sendBinary(byte[] bytes, SendCallback callback) {
        add(event("binary", Base64.getEncoder().encodeToString(bytes)), callback, false);
    }

    private static byte[] event(String name, String data) {
        String head = name.isEmpty() ? "data: " : "event: " + name + "\ndata: ";
        return (head + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The server's pings are for WebSockets. */
    @Override
    public void ping() {}

    @Override
    public void close(int code, String reason) {
        add(event("close", code + " " + reason.replaceAll("[\r\n]", " ")), SendCallback.ignore(), true);
    }

    /** Answers a ping, and only the newest of those that wait: otherwise a client that reads nothing fills the memory. */
    private void answer(HttpMembers.Ping ping) {
        Event newest = new Event(event("pong", Long.toString(ping.number())), SendCallback.ignore());
        lock.lock();
        try {
            if (!ended && !closing) {
                if (pong != null) {
                    events.remove(pong);
                }
                events.add(newest);
                pong = newest;
            }
        } finally {
            lock.unlock();
        }
        flush();
    }

    private void add(byte[] bytes, SendCallback callback, boolean last) {
        boolean late;
        lock.lock();
        try {
            late = ended || closing;
            if (!late) {
                closing = last;
                events.add(new Event(bytes, callback));
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            callback.failed(new IOException("the connection is over"));
        } else {
            flush();
        }
    }

    /** Answers a poll: with what there is, or later. */
    void poll(long number, Sink answer, IntConsumer refusal) {
        Sink replaced = null;
        byte[] again = null;
        int status = 0;
        lock.lock();
        try {
            if (number == polled && lastAnswer != null) {
                again = lastAnswer;
            } else if (ended || !polls) {
                status = GONE;
            } else if (number < polled || number > polled + 1) {
                status = CONFLICT;
            } else {
                // A request of the same number still waits: it was doubled on its way.
                replaced = sink;
                polled = number;
                lastAnswer = null;
                sink = answer;
                quietSince = System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
        if (status != 0) {
            refusal.accept(status);
        } else if (again != null) {
            answer.write(true, again, SendCallback.ignore());
        } else {
            if (replaced != null) {
                replaced.fail(); // an answer of its own could be the one that is read
            }
            flush();
        }
    }

    /** Writes what waits, one write at a time. */
    private void flush() {
        drain(flushes, this::flushSome);
    }

    private boolean flushSome() {
        Sink to;
        boolean last;
        List<Event> batch;
        byte[] bytes;
        lock.lock();
        try {
            to = sink;
            if (to == null || writing || ended || events.isEmpty()) {
                return false;
            }
            batch = new ArrayList<>(events);
            events.clear();
            bytes = joined(batch);
            last = closing;
            writing = true;
            quietSince = System.nanoTime();
            if (polls) {
                sink = null;
                lastAnswer = bytes;
            }
        } finally {
            lock.unlock();
        }
        try {
            to.write(
                    last || polls,
                    bytes,
                    SendCallback.of(() -> written(batch, last), failure -> lost(to, batch, last, failure)));
        } catch (RuntimeException | Error e) {
            if (isWriting()) {
                lost(to, batch, last, e);
            }
            throw e;
        }
        return true;
    }

    private boolean isWriting() {
        lock.lock();
        try {
            return writing;
        } finally {
            lock.unlock();
        }
    }

    private static byte[] joined(List<Event> batch) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        batch.forEach(event -> all.writeBytes(event.bytes()));
        return all.toByteArray();
    }

    private void written(List<Event> batch, boolean last) {
        lock.lock();
        try {
            writing = false;
        } finally {
            lock.unlock();
        }
        batch.forEach(event -> report(event.callback()::succeeded));
        if (last) {
            end();
        } else {
            flush();
        }
    }

    private void lost(Sink to, List<Event> batch, boolean last, Throwable failure) {
        lock.lock();
        try {
            writing = false;
        } finally {
            lock.unlock();
        }
        if (polls) {
            // The client, or a proxy, may ask for the same answer again.
            batch.forEach(event -> report(event.callback()::succeeded));
            if (last) {
                end();
            }
            return;
        }
        batch.forEach(event -> report(() -> event.callback().failed(failure)));
        end();
        report(to::fail);
    }

    /** Keeps a stream that is quiet alive, answers a poll that has waited, and notices a client that polls no more. */
    private void pulse() {
        boolean comment;
        boolean silent;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            long left = (sink == null ? SILENCE_NANOS : QUIET_NANOS) - (System.nanoTime() - quietSince);
            comment = left <= 0 && sink != null && !writing && events.isEmpty();
            silent = left <= 0 && sink == null;
            // A poll that comes meanwhile waits for as long as this at least.
            pulseIn(left <= 0 ? QUIET_NANOS : Math.min(left, QUIET_NANOS));
        } finally {
            lock.unlock();
        }
        if (comment) {
            add(COMMENT, SendCallback.ignore(), false);
        }
        if (silent) {
            abort();
        }
    }

    /** Call it with the lock. */
    private void pulseIn(long nanos) {
        pulse = context.timer.schedule(this::pulse, nanos, TimeUnit.NANOSECONDS);
    }

    // ---- the end ----

    @Override
    public void abort() {
        Sink open;
        lock.lock();
        try {
            open = ended ? null : sink;
        } finally {
            lock.unlock();
        }
        end();
        if (open != null) {
            report(open::fail);
        }
    }

    /** Ends a connection that its client has given up, unless it has the session. */
    void giveUp() {
        ServerConnection begun;
        lock.lock();
        try {
            begun = connection;
        } finally {
            lock.unlock();
        }
        if (begun != null && begun.session() == null) {
            begun.abort();
        }
    }

    /** Reports what has thrown, and ends the connection. */
    private void breakOff(Throwable failure) {
        try {
            context.failed(failure);
        } catch (RuntimeException | Error e) {
            // Not even the report was possible, for example for lack of memory.
        }
        abort();
    }

    /** Calls a callback. The others are called, and the connection ends in order, even if it throws. */
    private void report(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error e) {
            breakOff(e);
        }
    }

    private void end() {
        List<Event> left;
        IntConsumer unanswered;
        ServerConnection over;
        Future<?> next;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            left = new ArrayList<>(events);
            events.clear();
            // What was taken is handled, unless the connection has become deaf.
            unanswered = taker;
            taker = null;
            sink = null;
            over = connection;
            next = pulse;
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.cancel(false);
        }
        IOException failure = new IOException("the connection is over");
        left.forEach(event -> report(() -> event.callback().failed(failure)));
        if (unanswered != null) {
            report(() -> unanswered.accept(GONE));
        }
        feed();
        if (over != null) {
            report(over::onClosed);
        }
        report(onEnd);
    }
}

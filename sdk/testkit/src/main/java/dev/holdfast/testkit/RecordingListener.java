package dev.holdfast.testkit;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Opening;
import dev.holdfast.SessionLoss;
import dev.holdfast.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A listener that keeps what a client reports, for a test that waits for it. Each kind of report is taken in its own order: a wait
 * for a message passes over states, which can still be taken. A wait that fails shows everything that was reported.
 *
 * <p>With a {@link VirtualTime} a wait lets that time go on. Without one it waits in real time. The callbacks may come on any
 * thread; the other methods are for one.
 */
public final class RecordingListener implements HoldfastListener {
    private static final Duration REAL_LIMIT = Duration.ofSeconds(10);

    /** A report, and whether it was taken. */
    private static final class Report {
        final long atNanos;
        final Kind kind;
        final Object value;
        boolean taken;

        Report(long atNanos, Kind kind, Object value) {
            this.atNanos = atNanos;
            this.kind = kind;
            this.value = value;
        }
    }

    private enum Kind {
        STATE("state"),
        OPEN("opening"),
        MESSAGE("message"),
        FAILURE("connection failure"),
        LOSS("lost session"),
        BACKPRESSURE("backpressure"),
        STORE_FAILURE("store failure"),
        CLOSED("end");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final @Nullable VirtualTime time;
    private final HoldfastListener next;
    private final long start;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition reported = lock.newCondition();
    // Guarded by lock.
    private final List<Report> reports = new ArrayList<>();

    /** Not volatile: for the test's thread. */
    private Duration limit;

    /** Creates a listener whose waits take real time, 10 s at most. */
    public RecordingListener() {
        this(null, new Ignoring());
    }

    /**
     * Creates a listener whose waits let a virtual time go on, for 10 minutes at most.
     *
     * @param time the time of the client
     */
    public RecordingListener(VirtualTime time) {
        this(time, new Ignoring());
    }

    /**
     * Creates a listener in front of another one.
     *
     * @param time the time of the client; null for the real one
     * @param next called for each report, after it was recorded: the application's own listener
     */
    public RecordingListener(@Nullable VirtualTime time, HoldfastListener next) {
        this.time = time;
        this.next = Objects.requireNonNull(next, "next");
        this.limit = time == null ? REAL_LIMIT : VirtualTime.LIMIT;
        this.start = System.nanoTime();
    }

    /** Logs nothing, unlike the default methods. */
    private static final class Ignoring implements HoldfastListener {
        @Override
        public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {}

        @Override
        public void onSessionLost(HoldfastClient client, SessionLoss loss) {}
    }

    /**
     * Sets the limit of each later wait. Default: 10 s of real time, or 10 minutes of virtual time.
     *
     * @param newLimit the limit, positive
     * @return this listener
     */
    public RecordingListener within(Duration newLimit) {
        if (newLimit.isNegative() || newLimit.isZero()) {
            throw new IllegalArgumentException("limit must be positive, but was " + newLimit);
        }
        limit = newLimit;
        return this;
    }

    // ---- waits ----

    /** {@return the next message that was not taken, after a wait} */
    public Message awaitMessage() {
        return (Message) await(Kind.MESSAGE);
    }

    /** {@return the text of the next message that was not taken, after a wait} */
    public String awaitText() {
        return awaitMessage().text();
    }

    /** {@return the next opening that was not taken, after a wait} */
    public Opening awaitOpen() {
        return (Opening) await(Kind.OPEN);
    }

    /** {@return the next failure of a connection that was not taken, after a wait} */
    public ConnectionFailure awaitFailure() {
        return (ConnectionFailure) await(Kind.FAILURE);
    }

    /** {@return the next lost session that was not taken, after a wait} */
    public SessionLoss awaitSessionLost() {
        return (SessionLoss) await(Kind.LOSS);
    }

    /** {@return the next report of backpressure that was not taken, after a wait} */
    public boolean awaitBackpressure() {
        return (Boolean) await(Kind.BACKPRESSURE);
    }

    /** {@return the next failure of the store that was not taken, after a wait} */
    public StoreException awaitStoreFailure() {
        return (StoreException) await(Kind.STORE_FAILURE);
    }

    /** {@return how the client ended, after a wait} */
    public CloseReason awaitClosed() {
        return (CloseReason) await(Kind.CLOSED);
    }

    /**
     * Waits for a state. Takes the states before it as well.
     *
     * @param state the state
     */
    public void awaitState(ClientState state) {
        Objects.requireNonNull(state, "state");
        await(Kind.STATE, state);
    }

    private Object await(Kind kind) {
        return await(kind, null);
    }

    private Object await(Kind kind, @Nullable Object wanted) {
        String what = "no " + kind.text + (wanted == null ? "" : " " + wanted) + " was reported";
        Report[] found = new Report[1];
        BooleanSupplier condition = () -> {
            for (Report report = take(kind); report != null; report = take(kind)) {
                if (wanted != null && report.value != wanted) continue;
                found[0] = report;
                return true;
            }
            return false;
        };
        VirtualTime virtual = time;
        if (virtual != null) {
            virtual.runUntil(condition, limit, () -> what + "." + reportsSoFar() + "It failed");
        } else {
            awaitReally(condition, what);
        }
        return found[0].value;
    }

    private void awaitReally(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) throw new AssertionError(what + " within " + limit + "." + reportsSoFar());
                boolean unused = reported.await(left, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + what, e);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Report take(Kind kind) {
        lock.lock();
        try {
            for (Report report : reports) {
                if (report.taken || report.kind != kind) continue;
                report.taken = true;
                return report;
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    // ---- what was reported ----

    /** {@return the texts of all messages, taken or not; hexadecimal digits for a binary one} */
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        lock.lock();
        try {
            for (Report report : reports) if (report.kind == Kind.MESSAGE) texts.add(shown(report));
        } finally {
            lock.unlock();
        }
        return Collections.unmodifiableList(texts);
    }

    /**
     * Checks that there is no message that was not taken. It does not wait: let time go on first.
     *
     * @throws AssertionError if there is one
     */
    public void assertNoMessage() {
        assertNone(Kind.MESSAGE);
    }

    /**
     * Checks that there is no failure of a connection that was not taken. It does not wait.
     *
     * @throws AssertionError if there is one
     */
    public void assertNoFailure() {
        assertNone(Kind.FAILURE);
    }

    /**
     * Checks that there is no lost session that was not taken. It does not wait.
     *
     * @throws AssertionError if there is one
     */
    public void assertNoSessionLost() {
        assertNone(Kind.LOSS);
    }

    private void assertNone(Kind kind) {
        Report report = take(kind);
        if (report != null)
            throw new AssertionError("unexpected " + kind.text + ": " + shown(report) + "." + reportsSoFar());
    }

    /** {@return a line for each report, with its time} */
    public List<String> log() {
        List<String> lines = new ArrayList<>();
        lock.lock();
        try {
            for (Report report : reports) {
                lines.add(VirtualTime.seconds(report.atNanos) + "  " + report.kind.text + " " + shown(report));
            }
        } finally {
            lock.unlock();
        }
        return Collections.unmodifiableList(lines);
    }

    private String reportsSoFar() {
        List<String> lines = log();
        return lines.isEmpty()
                ? " Nothing was reported at all: has connect() been called, and does the client have this listener?\n"
                : " What was reported:\n  " + String.join("\n  ", lines) + "\n";
    }

    private static String shown(Report report) {
        if (report.kind != Kind.MESSAGE) return String.valueOf(report.value);
        Message message = (Message) report.value;
        return message.isBinary() ? message.bytes().hex() : message.text();
    }

    // ---- callbacks ----

    private void record(Kind kind, Object value) {
        VirtualTime virtual = time;
        lock.lock();
        try {
            long at =
                    virtual == null ? System.nanoTime() - start : virtual.now().toNanos();
            reports.add(new Report(at, kind, value));
            reported.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onState(HoldfastClient client, ClientState state) {
        record(Kind.STATE, state);
        next.onState(client, state);
    }

    @Override
    public void onOpen(HoldfastClient client, Opening opening) {
        record(Kind.OPEN, opening);
        next.onOpen(client, opening);
    }

    @Override
    public void onMessage(HoldfastClient client, Message message) {
        record(Kind.MESSAGE, message);
        next.onMessage(client, message);
    }

    @Override
    public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
        record(Kind.FAILURE, failure);
        next.onConnectionFailure(client, failure);
    }

    @Override
    public void onSessionLost(HoldfastClient client, SessionLoss loss) {
        record(Kind.LOSS, loss);
        next.onSessionLost(client, loss);
    }

    @Override
    public void onBackpressure(HoldfastClient client, boolean pressed) {
        record(Kind.BACKPRESSURE, pressed);
        next.onBackpressure(client, pressed);
    }

    @Override
    public void onStoreFailure(HoldfastClient client, StoreException failure) {
        record(Kind.STORE_FAILURE, failure);
        next.onStoreFailure(client, failure);
    }

    @Override
    public void onClosed(HoldfastClient client, CloseReason reason) {
        record(Kind.CLOSED, reason);
        next.onClosed(client, reason);
    }
}

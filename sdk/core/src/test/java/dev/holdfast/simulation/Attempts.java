package dev.holdfast.simulation;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastEventListener;
import java.time.Duration;

/**
 * Checks that each attempt comes when the failure before it said, in elapsed time: not sooner unless something asked for it,
 * and not later. As an event listener it hears of both when they happen. It is a listener with bugs, too.
 */
final class Attempts implements HoldfastEventListener {
    /** How often {@code connect()} may cut the backoff short. */
    private static final long MIN_GAP = World.seconds(2);

    /** A call takes effect so much later. */
    private static final long THREAD_DELAY = World.millis(1);

    /** Something that asks for an attempt at once. */
    private static final class Request {
        long at = Long.MIN_VALUE;
        /** The process does not run, so the request takes effect when it does. */
        boolean waits;
    }

    private final World world;
    private final SimTransport transport;
    private final Mishaps mishaps;
    /** Whether each call throws now and then. */
    private final boolean throwing;

    /** When the announced attempt is due; {@link Long#MAX_VALUE} if none is. */
    private long due = Long.MAX_VALUE;
    /** Nobody may come before this time, whatever the application wants: the server said so. */
    private long notBefore;

    /** The client has stopped after a failure, and makes no attempt by itself. */
    private boolean stopped;
    /** When the failure was. */
    private long failedAt;

    /** How many failures announced another attempt, in all processes. */
    private long announced;

    /** What asks for an attempt at once. */
    private final Request network = new Request();

    private final Request application = new Request();
    private long lastCutShort = -MIN_GAP;

    /** How much the client's clock may err. */
    long clockError;
    /** The time from a decision of the client to its report, with a store. */
    long commitTime;
    /** The client's clock may miss a sleep. */
    boolean mayErr;

    Attempts(World world, SimTransport transport, Mishaps mishaps, boolean throwing) {
        this.world = world;
        this.transport = transport;
        this.mishaps = mishaps;
        this.throwing = throwing;
    }

    /** The network, the server or the user asked for an attempt at once. */
    void excuse() {
        ask(network);
        lastCutShort = -MIN_GAP;
    }

    /** The application called {@code connect()}. */
    void connectCalled() {
        ask(application);
    }

    private void ask(Request request) {
        request.at = world.now();
        request.waits = world.now() < world.awakeSince();
    }

    private boolean isDueTo(Request request) {
        long effective = request.waits ? Math.max(request.at, world.awakeSince()) : request.at;
        return effective + THREAD_DELAY >= failedAt;
    }

    /**
     * Returns how many attempts were announced. A process that dies with failures on the way to a slow callback has announced
     * them, too, though its listener does not hear of them.
     */
    long announced() {
        return announced;
    }

    /** A process has died, and another knows of nothing. */
    void restarted() {
        due = Long.MAX_VALUE;
        stopped = false;
        notBefore = 0;
        lastCutShort = -MIN_GAP;
    }

    private void over(String event) {
        if (throwing) mishaps.maybeThrow("event listener's " + event);
    }

    @Override
    public void onState(ClientState state) {
        if (state == ClientState.CONNECTING) attemptBegins();
        over("onState");
    }

    private void attemptBegins() {
        long now = world.elapsed() + clockError;
        boolean excused = isDueTo(network);
        boolean connectCalled = isDueTo(application);
        boolean sooner = due != Long.MAX_VALUE && now < due;
        boolean restarted = stopped;
        if ((sooner || restarted) && !excused) {
            if (now < notBefore) world.fail(new Violation("attempt before the server's time, " + (notBefore - now)));
            if (!connectCalled)
                world.fail(new Violation(
                        "attempt " + (restarted ? "after a stop" : (due - now) + " ns sooner than announced")));
            if (world.elapsed() - lastCutShort < MIN_GAP - commitTime - World.MAX_READING) {
                world.fail(new Violation("delays cut short again after " + (world.elapsed() - lastCutShort) + " ns"));
            }
            lastCutShort = world.elapsed();
            world.happened("delay cut short");
        }
        due = Long.MAX_VALUE;
        stopped = false;
    }

    /**
     * Checks that a waiting client has not missed its time.
     *
     * @param soon nanoseconds awake after which it has looked at its clock
     */
    void check(ClientState state, long soon) {
        boolean ran = world.now() > world.awakeSince() + soon;
        if (state == ClientState.WAITING && ran && due != Long.MAX_VALUE && world.elapsed() > due + soon && !mayErr) {
            throw new Violation("waits though its time is over for " + (world.elapsed() - due) + " ns");
        }
    }

    @Override
    public void onConnectionFailure(ConnectionFailure failure) {
        failedAt = world.now();
        if (failure.willRetry()) announced++;
        stopped = !failure.willRetry();
        due = failure.willRetry() ? world.elapsed() + failure.retryIn().toNanos() : Long.MAX_VALUE;
        boolean asked = failure.willRetry() && failure.httpStatus() == 503;
        notBefore = asked ? world.elapsed() + transport.askedToWait : 0;
        over("onConnectionFailure");
    }

    @Override
    public void onAckOverdue(Delivery oldest, Duration age) {
        world.happened("acknowledgement overdue");
        over("onAckOverdue");
    }

    @Override
    public void onRoundTripTime(Duration roundTripTime) {
        over("onRoundTripTime");
    }

    @Override
    public void onSuspended(Duration duration) {
        over("onSuspended");
    }

    @Override
    public void onSessionOpened(boolean resumed, long replayed) {
        if (resumed && replayed > 0) world.happened("replay");
        over("onSessionOpened");
    }
}

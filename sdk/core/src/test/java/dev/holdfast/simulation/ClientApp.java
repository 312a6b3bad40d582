package dev.holdfast.simulation;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.SessionLoss;
import dev.holdfast.SessionSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * The application of the simulated client: handles numbered messages, and takes every promise by its word. It outlives its
 * processes, each of which has a client of its own.
 */
final class ClientApp implements HoldfastListener {
    /** A snapshot as the application stores it, with what the application knows about its moment. */
    static final class Saved {
        final byte[] bytes;
        final String stream;
        /** The position of the snapshot is not before this message of the stream, and not behind the other. */
        final long low;

        final long high;

        Saved(byte[] bytes, String stream, long low, long high) {
            this.bytes = bytes;
            this.stream = stream;
            this.low = low;
            this.high = high;
        }

        SessionSnapshot snapshot() {
            return SessionSnapshot.fromBytes(bytes);
        }
    }

    /** In a row, with nothing received: of the credential that the client had, and of a fresh one or two. */
    private static final int MAX_REFUSALS = 3;

    private static final int MAX_VIOLATIONS = 3;

    private final World world;
    private final boolean plain;
    private final Outgoing outgoing;
    private final Mishaps mishaps;
    private final Map<String, Long> handled = new HashMap<>();
    final List<ConnectionFailure> failures = new ArrayList<>();
    final List<SessionLoss> losses = new ArrayList<>();
    long slowness;
    /** Called with each state after it was reported. */
    Consumer<ClientState> onState = state -> {};

    /** Called with each failure after it was reported. */
    Consumer<ConnectionFailure> onFailure = failure -> {};
    /** Whether the server has rolled back the message of that number. */
    LongPredicate isForgotten = number -> false;

    private boolean pressed;
    /** Without a session: whether messages may be missing before the one with this number. */
    LongPredicate gapBefore = number -> true;

    private HoldfastClient client;
    private ClientProcess process;
    private String stream;
    private boolean lossReported = true;
    /** Without a session: the last message that earlier processes with a store have handled. */
    private long handledByEarlier;
    /** The last message of each stream that was acknowledged to the server. */
    private final Map<String, Long> acknowledged = new HashMap<>();

    /** What a restored session goes on from, until its first message. */
    private Saved restoredFrom;

    private int refusals;
    private int violations;
    private long settledBefore;
    private boolean inCallback;
    private boolean closed;
    private ClientState state = ClientState.IDLE;
    /** Whether messages are acknowledged by hand, in whatever order. */
    boolean acksByHand;

    long ackDelay = World.seconds(2);

    private final Map<String, TreeSet<Long>> unacknowledged = new HashMap<>();

    /** @param plain whether there is no session, so that messages may be missing, though none doubled or out of order */
    ClientApp(World world, boolean plain, Outgoing outgoing, Mishaps mishaps) {
        this.world = world;
        this.plain = plain;
        this.outgoing = outgoing;
        this.mishaps = mishaps;
    }

    /** Takes its time when the application is slow. Not serial: what is started later may run earlier. */
    Executor callbackExecutor(ClientProcess of) {
        return task -> of.schedule(task, world.below(slowness));
    }

    boolean isClosed() {
        return closed;
    }

    boolean isPressed() {
        return pressed;
    }

    // ---- processes ----

    /** The client of the first process. */
    void use(HoldfastClient first, ClientProcess its) {
        client = first;
        process = its;
        outgoing.use(first);
    }

    /** Takes a snapshot of the session, if there is one. */
    void save(Consumer<Saved> store) {
        Map<String, Long> before = new HashMap<>();
        handled.keySet().forEach(name -> before.put(name, doneThrough(name)));
        // Nothing was received since: the position may still be anywhere in the range of the snapshot before.
        if (restoredFrom != null) before.put(restoredFrom.stream, restoredFrom.low);
        CompletableFuture<Void> unused = client.snapshot()
                .thenAccept(taken -> taken.ifPresent(snapshot -> {
                    // "snapshot of session s1, 2 messages"
                    String text = snapshot.toString();
                    String name = text.substring("snapshot of session ".length(), text.indexOf(','));
                    store.accept(new Saved(snapshot.toBytes(), name, before.getOrDefault(name, 0L), doneThrough(name)));
                }))
                .whenComplete((nothing, thrown) -> {
                    if (thrown != null) world.fail(thrown);
                });
    }

    /** The last message of the stream before which everything is handled, and acknowledged if that is done by hand. */
    private long doneThrough(String name) {
        TreeSet<Long> open = unacknowledged.get(name);
        return open == null || open.isEmpty() ? handled.getOrDefault(name, 0L) : open.first() - 1;
    }

    /** Another process has begun, which goes on from the store: what the application has handled may come again. */
    void restartFromStore(HoldfastClient next, ClientProcess its) {
        use(next, its);
        inCallback = false;
        pressed = false;
        state = ClientState.IDLE;
        refusals = 0;
        violations = 0;
        if (plain)
            handledByEarlier =
                    handled.values().stream().mapToLong(Long::longValue).max().orElse(0);
        if (stream != null) {
            long done = doneThrough(stream);
            restoredFrom = new Saved(new byte[0], stream, acknowledged.getOrDefault(stream, 0L), done);
            handled.put(stream, done);
            unacknowledged.remove(stream);
        }
        CompletableFuture<Void> unused = next.storeOpened()
                .thenAccept(outgoing::restoredFromStore)
                .whenComplete((nothing, thrown) -> {
                    if (thrown != null) world.fail(thrown);
                });
    }

    /**
     * Another process has begun, and knows no more than what the application saved.
     *
     * @param saved null for nothing
     */
    void restart(HoldfastClient next, ClientProcess its, Saved saved) {
        use(next, its);
        inCallback = false;
        pressed = false;
        state = ClientState.IDLE;
        restoredFrom = saved;
        refusals = 0;
        violations = 0;
        stream = saved == null ? null : saved.stream;
        lossReported = saved == null;
        if (saved == null) return;
        handled.put(saved.stream, saved.high);
        unacknowledged.remove(saved.stream);
        outgoing.restored(next.restored());
    }

    // ---- callbacks ----

    @Override
    public void onBackpressure(HoldfastClient from, boolean now) {
        enter();
        if (now == pressed) throw new Violation("pressure " + now + " reported twice");
        pressed = now;
        leave("onBackpressure");
    }

    @Override
    public void onState(HoldfastClient from, ClientState next) {
        enter();
        if (next == state) throw new Violation("state " + next + " reported twice");
        state = next;
        world.trace("client is " + next);
        // Whoever connects again begins anew.
        if (next == ClientState.IDLE) startsOver();
        onState.accept(next);
        leave("onState");
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        enter();
        Numbered received = Numbered.parse(message);
        if (plain) {
            long before = handled.getOrDefault(received.stream, received.number - 1);
            boolean gap = received.number > before + 1;
            if (received.number <= handledByEarlier) {
                // A process with a store knows the last message alone, and its server may replay more.
                leave("onMessage");
                return;
            }
            if (received.number <= before || (gap && !gapBefore.test(received.number))) {
                throw new Violation("received " + received + " after " + before);
            }
        } else if (!received.stream.equals(stream)) {
            if (!lossReported) throw new Violation("message " + received + " of a new session, and no loss reported");
            if (received.number != 1) throw new Violation("new session begins with " + received);
            stream = received.stream;
            lossReported = false;
        } else if (restoredFrom != null) {
            if (received.number <= restoredFrom.low || received.number > restoredFrom.high + 1) {
                throw new Violation("received " + received + " after a snapshot at " + restoredFrom.low + " to "
                        + restoredFrom.high);
            }
        } else if (received.number != handled.get(stream) + 1) {
            throw new Violation("received " + received + " after " + handled.get(stream));
        }
        restoredFrom = null;
        refusals = 0;
        violations = 0;
        handled.put(received.stream, received.number);
        if (acksByHand) {
            TreeSet<Long> open = unacknowledged.computeIfAbsent(received.stream, s -> new TreeSet<>());
            open.add(received.number);
            process.schedule(
                    () -> {
                        open.remove(received.number);
                        message.ack();
                    },
                    world.below(ackDelay));
        }
        leave("onMessage");
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        enter();
        world.trace("reported: " + failure);
        if (failure.toString().contains("null")) throw new Violation("untyped failure: " + failure);
        if (failure.phase() == ConnectionFailure.Phase.INTERNAL) throw new Violation("panic: " + failure);
        failures.add(failure);
        // A credential that has expired was accepted until then.
        boolean expired = failure.toString().contains("4401 expired");
        boolean refused = failure.closeCode() == 4401 && !expired && failure.willRetry();
        refusals = refused ? refusals + 1 : 0;
        checkViolations(failure);
        if (refusals > MAX_REFUSALS) throw new Violation("goes on with credentials that are refused: " + failure);
        onFailure.accept(failure);
        leave("onConnectionFailure");
    }

    /** A server that breaks the protocol again and again, with nothing achieved in between, is given up. */
    private void checkViolations(ConnectionFailure failure) {
        boolean violation = failure.willRetry() && failure.message().contains("broke the session protocol");
        // A first attempt follows what makes the client start over, which this callback may be late to hear of.
        boolean again = failure.attempt() > 1 && outgoing.settled() == settledBefore;
        violations = violation ? (again ? violations + 1 : 1) : 0;
        settledBefore = outgoing.settled();
        if (violations > MAX_VIOLATIONS)
            throw new Violation("goes on with a server that breaks the protocol: " + failure);
    }

    /** What went wrong before does not count any more. */
    void startsOver() {
        violations = 0;
        refusals = 0;
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        enter();
        world.trace("reported: " + loss);
        losses.add(loss);
        lossReported = true;
        for (Delivery delivery : loss.unknown()) {
            Outcome outcome = delivery.outcomeNow();
            if (outcome == null || outcome.kind() != Outcome.Kind.UNKNOWN) {
                throw new Violation("lost with its session, yet " + delivery);
            }
        }
        for (Delivery delivery : loss.inDoubt()) {
            long number = Numbered.parse(delivery.message()).number;
            if (!Outcome.acknowledged().equals(delivery.outcomeNow()) || !isForgotten.test(number)) {
                throw new Violation("in doubt, and yet " + number + " is known to the server: " + delivery);
            }
        }
        if (loss.inDoubtCount() < loss.inDoubt().size()) throw new Violation("in doubt: " + loss);
        leave("onSessionLost");
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        enter();
        world.trace("reported: closed, " + reason);
        closed = true;
        leave("onClosed");
    }

    private void enter() {
        if (inCallback) throw new Violation("callbacks overlap");
        if (closed) throw new Violation("callback after onClosed");
        inCallback = true;
    }

    private void leave(String callback) {
        inCallback = false;
        mishaps.maybeThrow(callback);
    }

    // ---- checks ----

    /** What an acknowledgement says must be true. */
    void checkAcknowledged(String ackedStream, long number) {
        TreeSet<Long> open = unacknowledged.get(ackedStream);
        if (open != null && !open.isEmpty() && open.first() <= number) {
            throw new Violation("acknowledged " + ackedStream + "/" + number + ", but not by the application");
        }
        if (handled.getOrDefault(ackedStream, 0L) < number) {
            throw new Violation("acknowledged " + ackedStream + "/" + number + " before it was handled");
        }
        acknowledged.merge(ackedStream, number, Math::max);
    }

    /** After every step: what is cheap to see. */
    void checkAmounts(long queueLimit, long slack) {
        long buffered = client.bufferedAmount();
        if (buffered < 0) throw new Violation("bufferedAmount " + buffered);
        if (buffered > queueLimit + slack) throw new Violation("bufferedAmount " + buffered + " passes the queue");
    }

    /** Everything that the server sent in the given sessions was handled. */
    boolean hasHandledAll(Map<String, Long> serverSent) {
        return serverSent.entrySet().stream().allMatch(e -> e.getValue().equals(handled.getOrDefault(e.getKey(), 0L)));
    }

    long handledCount() {
        return handled.values().stream().mapToLong(Long::longValue).sum();
    }
}

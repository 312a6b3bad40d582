package dev.holdfast.simulation;

import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.settings.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The messages of the simulated application, over all its processes, and whether each delivery tells the truth. */
final class Outgoing {
    private static final class Sent {
        final long number;
        final SendOptions options;
        /** The elapsed time when it was sent. */
        final long at;

        final Delivery delivery;
        /** Its place in the order within its priority: its number, or that of the message that it replaced. */
        long place;

        CompletableFuture<?> counted;
        CompletableFuture<Boolean> written;
        int ends;
        boolean recalled;
        boolean large;
        boolean restored;
        boolean handedOver;
        /** Its process died, so nobody hears its end. */
        boolean orphaned;
        /** The outcome that it had at that moment. */
        Outcome outcomeAtDeath;
        /** Whether the application knew at that moment that it was stored. */
        boolean storedAtDeath;

        CompletableFuture<Boolean> stored;

        Sent(long number, SendOptions options, long at, Delivery delivery) {
            this.number = number;
            this.options = options;
            this.at = at;
            this.delivery = delivery;
            this.place = number;
        }

        boolean isOver() {
            return outcome() != null;
        }

        Outcome outcome() {
            return orphaned ? outcomeAtDeath : delivery.outcomeNow();
        }
    }

    /** Characters of two bytes. */
    private static final int LARGE = 1_500;
    /** Bytes that all but a large message stay under. */
    static final int MAX_SMALL = 2_500;

    private final World world;
    private final List<Sent> sent = new ArrayList<>();
    /** Deliveries of dead processes whose messages another process took over. */
    private final List<Sent> replaced = new ArrayList<>();

    private final Map<String, Sent> newestOfKey = new HashMap<>();
    private final Map<Priority, Long> lastPlaces = new EnumMap<>(Priority.class);
    /** What {@link #lastPlaces} are about. */
    private final Set<Long> inOrder = new HashSet<>();

    private final Map<SimConnection, Map<Priority, Long>> lastPlacesOn = new HashMap<>();
    private final List<CompletableFuture<Void>> writable = new ArrayList<>();
    private HoldfastClient client;
    long padding = 20;
    /** Whether a store keeps them. */
    boolean durable;
    /** Stored messages of dead processes that the next one did not find. */
    private final List<Sent> missing = new ArrayList<>();
    /** Whether messages have options, are recalled, and wait for capacity. */
    boolean particular;
    /** How much earlier a message may expire, and whether it may expire late: a clock without an elapsed source may err. */
    long clockError;

    boolean mayExpireLate;
    /** Whether the queue drops stored messages for others. */
    boolean dropsStored;
    /** Whether there is no session. */
    boolean plain;
    /** Whether some messages have an idempotency key. */
    boolean keyed;
    /** How many messages the server has settled. */
    private long settled;

    Outgoing(World world) {
        this.world = world;
    }

    void use(HoldfastClient next) {
        client = next;
    }

    /** Sends a message that is larger than all that {@link #send} sends. */
    void sendLarge() {
        send(LARGE);
        sent.get(sent.size() - 1).large = true;
    }

    void send() {
        send((int) world.below(padding));
    }

    private void send(int pad) {
        long number = sent.size() + 1L;
        Object message;
        switch ((int) world.below(3)) {
            case 0:
                message = Numbered.bytes("c", number, pad);
                break;
            case 1:
                message = Numbered.text("c", number, pad);
                break;
            default:
                message = Collections.singletonMap("m", Numbered.text("c", number, pad));
        }
        SendOptions options = particular ? options() : SendOptions.defaults();
        if (keyed && world.chance(0.4)) options = options.withIdempotencyKey("k" + number);
        Sent one = new Sent(number, options, world.elapsed(), client.send(message, options));
        sent.add(one);
        observe(one);
        if (!one.isOver()) takePlace(one);
        if (!particular) return;
        long life = Nanos.expiry(options);
        if (life > 0) world.schedule(() -> checkExpired(one), life + World.millis(100));
        if (world.chance(0.05)) recall();
        if (world.chance(0.05)) writable.add(client.writable());
    }

    private void observe(Sent one) {
        one.counted = one.delivery.outcome().thenAccept(outcome -> {
            one.ends++;
            checkEnd(one, outcome);
        });
        one.written = one.delivery.written();
        one.stored = one.delivery.stored();
    }

    private SendOptions options() {
        SendOptions options = SendOptions.defaults();
        if (world.chance(0.5)) {
            Priority[] all = Priority.values();
            options = options.withPriority(all[(int) world.below(all.length)]);
        }
        if (world.chance(0.2)) options = options.withExpiry(Duration.ofNanos(1 + world.below(World.seconds(10))));
        // With a store nobody can tell at once whether a message was replaced.
        if (!durable && world.chance(0.2)) options = options.withConflationKey("key" + world.below(3));
        return options;
    }

    /** Of a message that was accepted. If it replaced another, it goes in its place. */
    private void takePlace(Sent one) {
        String key = one.options.conflationKey();
        if (key == null) return;
        Sent old = newestOfKey.put(key, one);
        if (old == null) return;
        Outcome outcome = old.delivery.outcomeNow();
        if (outcome == null || !isOrMayBe(Outcome.Kind.CONFLATED, old, outcome)) return;
        if (old.options.priority() == one.options.priority()) one.place = old.place;
    }

    private void recall() {
        Sent one = sent.get((int) world.below(sent.size()));
        if (one.orphaned) return;
        boolean over = one.isOver();
        if (!one.delivery.cancel()) return;
        if (over) throw new Violation("recalled message " + one.number + ", which was over");
        if (!durable && !isOrMayBe(Outcome.Kind.CANCELLED, one, one.delivery.outcomeNow())) {
            throw new Violation("recalled, yet " + one.delivery);
        }
        one.recalled = true;
    }

    /** Nobody knows whether an earlier process has sent a restored message, so the end is only in the detail. */
    private static boolean isOrMayBe(Outcome.Kind kind, Sent one, Outcome outcome) {
        return outcome.kind() == kind
                || (one.restored
                        && outcome.kind() == Outcome.Kind.UNKNOWN
                        && outcome.detail().contains(kind.name()));
    }

    // ---- time to live ----

    /** Soon after its time, as far as the process has run, it no longer waits. What can be recalled waits. */
    private void checkExpired(Sent one) {
        if (one.orphaned) return;
        if (world.now() < world.awakeSince() + World.millis(100)) {
            world.schedule(() -> checkExpired(one), world.awakeSince() + World.millis(100) - world.now());
        } else if (one.delivery.cancel()) {
            throw new Violation("message " + one.number + " waits on after its time");
        }
    }

    /**
     * The device slept. What expired in its sleep ends soon.
     *
     * @param soon nanoseconds until the client looks at its clock at the latest
     */
    void slept(long soon) {
        if (mayExpireLate) return;
        for (Sent one : sent) {
            if (one.orphaned || one.isOver() || one.handedOver || !isLate(one)) continue;
            world.happened("expired in a sleep");
            world.schedule(() -> checkExpired(one), soon);
        }
    }

    private boolean isLate(Sent one) {
        long life = Nanos.expiry(one.options);
        return life > 0 && world.elapsed() > one.at + life;
    }

    /** A message is given to a connection, for the first time or again. */
    void handedOver(long number) {
        Sent one = sent.get((int) number - 1);
        // With a store, the process may be frozen between the decision and the socket.
        if (!one.handedOver && !durable && !mayExpireLate && isLate(one)) {
            world.fail(new Violation("message " + number + " goes out " + (world.elapsed() - one.at)
                    + " ns after it was sent, " + "to live " + Nanos.expiry(one.options)));
        }
        one.handedOver = true;
    }

    private void checkEnd(Sent one, Outcome outcome) {
        if (durable && outcome.reason() == Outcome.Reason.RESTORED && !plain) {
            fail("message " + one.number + " is known to the store, and says " + outcome);
        }
        if (outcome.kind() == Outcome.Kind.EXPIRED
                && !(durable && one.restored)
                && (Nanos.expiry(one.options) == 0
                        || world.elapsed() + clockError < one.at + Nanos.expiry(one.options))) {
            fail("message " + one.number + " expired too soon");
        }
        if (outcome.kind() == Outcome.Kind.CONFLATED && one.options.conflationKey() == null) {
            fail("message " + one.number + " conflated without a key");
        }
        if (outcome.kind() == Outcome.Kind.ACKNOWLEDGED || outcome.kind() == Outcome.Kind.REJECTED) settled++;
        if (!one.written.isDone()) fail("message " + one.number + " is over, written or not hangs");
    }

    /** The future that calls this would keep the exception for itself. */
    private void fail(String message) {
        world.fail(new Violation(message));
    }

    long settled() {
        return settled;
    }

    // ---- order ----

    /** What is handled keeps its order within a priority, over all connections. */
    void checkOrder(long number) {
        inOrder.add(number);
        checkOrder(number, lastPlaces);
    }

    /** The same for one connection. */
    void checkOrder(SimConnection connection, long number) {
        checkOrder(number, lastPlacesOn.computeIfAbsent(connection, c -> new EnumMap<>(Priority.class)));
    }

    private void checkOrder(long number, Map<Priority, Long> last) {
        Sent one = sent.get((int) number - 1);
        Long before = last.put(one.options.priority(), one.place);
        if (before != null && before >= one.place) {
            throw new Violation("message " + number + " at " + one.place + " came after that at " + before);
        }
    }

    /** The server has forgotten some: the order begins anew behind those that it still has. */
    void rolledBack(Set<Long> handled) {
        lastPlaces.clear();
        inOrder.retainAll(handled);
        for (long number : inOrder) {
            Sent one = sent.get((int) number - 1);
            lastPlaces.merge(one.options.priority(), one.place, Math::max);
        }
    }

    // ---- the end of a process, and another ----

    /** The process is dead: what is not over is in nobody's hands, unless a snapshot has it. */
    void orphan() {
        for (Sent one : sent) {
            if (one.orphaned) continue;
            one.outcomeAtDeath = one.delivery.outcomeNow();
            one.storedAtDeath = one.stored.getNow(false);
            one.orphaned = true;
        }
        writable.clear();
        newestOfKey.clear();
        // What the next process restores may be older than what this one sent in another session.
        lastPlaces.clear();
        inOrder.clear();
    }

    /** A process has taken messages over. What an earlier process knew of them later than the snapshot is void. */
    void restored(List<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            long number = Numbered.parse(delivery.message()).number;
            Sent before = sent.get((int) number - 1);
            replaced.add(before);
            SendOptions options = SendOptions.defaults().withPriority(before.options.priority());
            String key = before.options.conflationKey();
            if (key != null) options = options.withConflationKey(key);
            Sent one = new Sent(number, options, world.elapsed(), delivery);
            one.place = before.place;
            one.large = before.large;
            one.restored = true;
            sent.set((int) number - 1, one);
            observe(one);
            if (key != null && delivery.stage() == Delivery.Stage.QUEUED) newestOfKey.put(key, one);
            world.happened("message restored");
        }
    }

    /** A process has found these in its store. */
    void restoredFromStore(List<Delivery> deliveries) {
        Set<Long> found = new HashSet<>();
        for (Delivery delivery : deliveries) {
            long number = Numbered.parse(delivery.message()).number;
            if (!found.add(number)) throw new Violation("message " + number + " is in the store twice");
            Sent before = sent.get((int) number - 1);
            Outcome known = before.outcome();
            if (known != null && (known.isSuccess() || known.kind() == Outcome.Kind.CANCELLED)) {
                throw new Violation("message " + number + " comes back, and ended before: " + known);
            }
            replaced.add(before);
            Sent one = new Sent(number, before.options, before.at, delivery);
            one.place = before.place;
            one.large = before.large;
            one.recalled = before.recalled;
            one.handedOver = before.handedOver;
            one.restored = true;
            sent.set((int) number - 1, one);
            observe(one);
            world.happened("message found in the store");
        }
        for (Sent one : sent) {
            boolean gone =
                    one.orphaned && one.storedAtDeath && one.outcomeAtDeath == null && !found.contains(one.number);
            if (gone && !one.recalled) missing.add(one);
            if (gone) one.storedAtDeath = false;
        }
    }

    /** What was stored and was not found again had been dealt with: its process died before it could say so. */
    void checkNothingVanished(Collection<Long> handled, Collection<Long> refused, boolean withoutAcks) {
        for (Sent one : missing) {
            boolean dealtWith = handled.contains(one.number) || refused.contains(one.number);
            // A socket had it, and the server may not.
            boolean written = withoutAcks && one.handedOver;
            if (!dealtWith && !written && !dropsStored) {
                throw new Violation("message " + one.number + " was stored, and vanished");
            }
        }
    }

    // ---- the truth ----

    /** Whether the process that runs knows that the message was acknowledged. */
    boolean isKnownAcknowledged(long number) {
        Sent one = sent.get((int) number - 1);
        return !one.orphaned && Outcome.acknowledged().equals(one.delivery.outcomeNow());
    }

    boolean hasDrained() {
        if (client.bufferedAmount() != 0) return false;
        for (CompletableFuture<Void> future : writable) {
            if (!future.isDone()) return false;
        }
        for (int i = sent.size() - 1; i >= 0; i--) {
            Sent one = sent.get(i);
            if (!one.orphaned && !one.isOver()) return false;
        }
        return true;
    }

    /** Checks at the end that every delivery has ended and its outcome is true. */
    void checkOutcomes(Collection<Long> serverHandled, Collection<Long> serverRefused, boolean acks) {
        Set<Long> everHandled = new HashSet<>(serverHandled);
        for (Sent one : replaced) {
            Outcome outcome = one.outcome();
            if (outcome == null) continue;
            switch (outcome.kind()) {
                case ACKNOWLEDGED:
                case REJECTED:
                    checkTruth(one, outcome, everHandled, serverRefused, acks);
                    break;
                default:
            }
        }
        for (Sent one : sent) {
            Outcome outcome = one.outcome();
            if (one.orphaned) {
                if (outcome != null) checkTruth(one, outcome, everHandled, serverRefused, acks);
                continue;
            }
            if (outcome == null) throw new Violation("delivery " + one.number + " hangs");
            if (one.ends != 1 || !one.counted.isDone()) {
                throw new Violation("delivery " + one.number + " ended " + one.ends + " times");
            }
            if (one.recalled && !one.restored && !isOrMayBe(Outcome.Kind.CANCELLED, one, outcome)) {
                throw new Violation("delivery " + one.number + " was recalled and says " + outcome);
            }
            checkTruth(one, outcome, everHandled, serverRefused, acks);
        }
    }

    private static void checkTruth(
            Sent one, Outcome outcome, Set<Long> handled, Collection<Long> refused, boolean acks) {
        boolean wasHandled = handled.contains(one.number);
        boolean wasRefused = refused.contains(one.number);
        boolean truth;
        switch (outcome.kind()) {
            case ACKNOWLEDGED:
                truth = acks && wasHandled;
                break;
            case WRITTEN:
                truth = !acks;
                break;
            case REJECTED:
                truth = wasRefused || (one.large && !wasHandled);
                break;
            case UNKNOWN:
            case STORED:
                truth = true;
                break;
            default:
                truth = !wasHandled && !wasRefused;
        }
        if (!truth) {
            throw new Violation("delivery " + one.number + " says " + outcome + "; handled " + wasHandled + ", refused "
                    + wasRefused);
        }
    }

    /** The client has ended, so nobody waits for it. */
    void checkNobodyWaits() {
        for (CompletableFuture<Void> future : writable) {
            if (!future.isDone()) throw new Violation("writable hangs");
        }
    }

    Map<Outcome.Kind, Integer> outcomes() {
        Map<Outcome.Kind, Integer> counts = new EnumMap<>(Outcome.Kind.class);
        for (Sent one : sent) {
            Outcome outcome = one.delivery.outcomeNow();
            if (outcome != null) counts.merge(outcome.kind(), 1, Integer::sum);
        }
        return counts;
    }
}

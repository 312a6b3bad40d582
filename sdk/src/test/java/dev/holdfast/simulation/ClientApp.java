package dev.holdfast.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import dev.holdfast.SessionLoss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongPredicate;

/** The application of the simulated client: sends numbered messages, and takes every promise by its word. */
final class ClientApp implements HoldfastListener {
    private static final class Sent {
        final long number;
        final SendOptions options;
        final long at;
        final Delivery delivery;
        /** Its place in the order within its priority: its number, or that of the message whose place it took. */
        long place;

        CompletableFuture<?> counted;
        CompletableFuture<Boolean> written;
        int ends;
        boolean recalled;

        Sent(long number, SendOptions options, long at, Delivery delivery) {
            this.number = number;
            this.options = options;
            this.at = at;
            this.delivery = delivery;
            this.place = number;
        }
    }

    private final World world;
    private final boolean plain;
    private final List<Sent> sent = new ArrayList<>();
    private final Map<String, Sent> newestOfKey = new HashMap<>();
    private final Map<Priority, Long> lastPlaces = new EnumMap<>(Priority.class);
    private final Map<SimConnection, Map<Priority, Long>> lastPlacesOn = new HashMap<>();
    private final List<CompletableFuture<Void>> writable = new ArrayList<>();
    private final Map<String, Long> handled = new HashMap<>();
    final List<ConnectionFailure> failures = new ArrayList<>();
    final List<SessionLoss> losses = new ArrayList<>();
    long slowness;
    long padding = 20;
    /** Whether messages have options, are recalled, and wait for room. */
    boolean particular;

    private boolean pressed;
    /** Without a session: whether messages may be missing before the one with this number. */
    LongPredicate gapBefore = number -> true;

    private HoldfastClient client;
    private String stream;
    private boolean lossTold = true;
    private boolean inCallback;
    private boolean closed;
    private ClientState state = ClientState.IDLE;
    /** Whether messages are acknowledged by hand, in whatever order. */
    boolean acksByHand;

    long ackDelay = World.seconds(2);

    private final Map<String, TreeSet<Long>> unacknowledged = new HashMap<>();

    /** @param plain whether there is no session, so that messages may be missing, though none doubled or out of order */
    ClientApp(World world, boolean plain) {
        this.world = world;
        this.plain = plain;
    }

    /** Takes its time when the application is slow. Not serial: what is started later may run earlier. */
    Executor callbackExecutor() {
        return task -> world.schedule(task, world.below(slowness));
    }

    void use(HoldfastClient client) {
        this.client = client;
    }

    ClientState state() {
        return state;
    }

    boolean isClosed() {
        return closed;
    }

    void send() {
        long number = sent.size() + 1L;
        int pad = (int) world.below(padding);
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
        Sent one = new Sent(number, options, world.now(), client.send(message, options));
        sent.add(one);
        one.counted = one.delivery.outcome().thenAccept(outcome -> {
            one.ends++;
            checkEnd(one, outcome);
        });
        one.written = one.delivery.written();
        if (one.delivery.outcomeNow() == null) takePlace(one);
        if (!particular) return;
        long life = options.expireAfterNanos();
        if (life > 0) world.schedule(() -> checkExpired(one), life + World.millis(100));
        if (world.chance(0.05)) recall();
        if (world.chance(0.05)) writable.add(client.writable());
    }

    private SendOptions options() {
        SendOptions options = SendOptions.defaults();
        if (world.chance(0.5)) {
            Priority[] all = Priority.values();
            options = options.priority(all[(int) world.below(all.length)]);
        }
        if (world.chance(0.2)) options = options.expireAfter(Duration.ofNanos(1 + world.below(World.seconds(10))));
        if (world.chance(0.2)) options = options.conflate("key" + world.below(3));
        return options;
    }

    /** Of one that was taken. Where it replaced another it goes in its place. */
    private void takePlace(Sent one) {
        String key = one.options.conflationKey();
        if (key == null) return;
        Sent old = newestOfKey.put(key, one);
        if (old == null) return;
        Outcome outcome = old.delivery.outcomeNow();
        if (outcome == null || outcome.kind() != Outcome.Kind.CONFLATED) return;
        if (old.options.priority() == one.options.priority()) one.place = old.place;
    }

    private void recall() {
        Sent one = sent.get((int) world.below(sent.size()));
        boolean over = one.delivery.outcomeNow() != null;
        if (!one.delivery.cancel()) return;
        if (over) throw new Violation("recalled message " + one.number + ", which was over");
        if (!Outcome.cancelled("recalled").equals(one.delivery.outcomeNow())) {
            throw new Violation("recalled, yet " + one.delivery);
        }
        one.recalled = true;
    }

    /** Soon after its time: it does not wait any more, as far as the process has run. What can be recalled waits. */
    private void checkExpired(Sent one) {
        if (world.now() < world.awakeSince() + World.millis(100)) {
            world.schedule(() -> checkExpired(one), world.awakeSince() + World.millis(100) - world.now());
        } else if (one.delivery.cancel()) {
            throw new Violation("message " + one.number + " waits on after its time");
        }
    }

    private void checkEnd(Sent one, Outcome outcome) {
        if (outcome.kind() == Outcome.Kind.EXPIRED
                && (one.options.expireAfterNanos() == 0 || world.now() < one.at + one.options.expireAfterNanos())) {
            throw new Violation("message " + one.number + " expired too soon");
        }
        if (outcome.kind() == Outcome.Kind.CONFLATED && one.options.conflationKey() == null) {
            throw new Violation("message " + one.number + " conflated without a key");
        }
        if (!one.written.isDone()) throw new Violation("message " + one.number + " is over, written or not hangs");
    }

    /** What is handled keeps its order within a priority, over all connections. */
    void checkOrder(long number) {
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

    @Override
    public void onBackpressure(HoldfastClient from, boolean now) {
        enter();
        if (now == pressed) throw new Violation("pressure " + now + " told twice");
        pressed = now;
        inCallback = false;
    }

    @Override
    public void onState(HoldfastClient from, ClientState next) {
        enter();
        if (next == state) throw new Violation("state " + next + " told twice");
        state = next;
        world.trace("client is " + next);
        inCallback = false;
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        enter();
        Numbered received = Numbered.parse(
                message.isBinary()
                        ? message.bytes().utf8()
                        : message.text().startsWith("{")
                                ? message.as(JsonNode.class).path("m").asText()
                                : message.text());
        if (plain) {
            long before = handled.getOrDefault(received.stream, received.number - 1);
            boolean gap = received.number > before + 1;
            if (received.number <= before || (gap && !gapBefore.test(received.number))) {
                throw new Violation("received " + received + " after " + before);
            }
        } else if (!received.stream.equals(stream)) {
            if (!lossTold) throw new Violation("message " + received + " of a new session, and no loss was told");
            if (received.number != 1) throw new Violation("new session begins with " + received);
            stream = received.stream;
            lossTold = false;
        } else if (received.number != handled.get(stream) + 1) {
            throw new Violation("received " + received + " after " + handled.get(stream));
        }
        handled.put(received.stream, received.number);
        if (acksByHand) {
            TreeSet<Long> open = unacknowledged.computeIfAbsent(received.stream, s -> new TreeSet<>());
            open.add(received.number);
            world.schedule(
                    () -> {
                        open.remove(received.number);
                        message.ack();
                    },
                    world.below(ackDelay));
        }
        inCallback = false;
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        enter();
        world.trace("told: " + failure);
        if (failure.phase() == ConnectionFailure.Phase.INTERNAL) throw new Violation("panic: " + failure);
        if (failure.toString().contains("null")) throw new Violation("untyped failure: " + failure);
        failures.add(failure);
        inCallback = false;
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        enter();
        world.trace("told: " + loss);
        losses.add(loss);
        lossTold = true;
        for (Delivery delivery : loss.unknown()) {
            Outcome outcome = delivery.outcomeNow();
            if (outcome == null || outcome.kind() != Outcome.Kind.UNKNOWN) {
                throw new Violation("lost with its session, yet " + delivery);
            }
        }
        inCallback = false;
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        enter();
        world.trace("told: closed, " + reason);
        closed = true;
        inCallback = false;
    }

    private void enter() {
        if (inCallback) throw new Violation("callbacks overlap");
        if (closed) throw new Violation("callback after onClosed");
        inCallback = true;
    }

    /** What an acknowledgement says must be true. */
    void checkAcknowledged(String ackedStream, long number) {
        TreeSet<Long> open = unacknowledged.get(ackedStream);
        if (open != null && !open.isEmpty() && open.first() <= number) {
            throw new Violation("acknowledged " + ackedStream + "/" + number + ", but not by the application");
        }
        if (handled.getOrDefault(ackedStream, 0L) < number) {
            throw new Violation("acknowledged " + ackedStream + "/" + number + " before it was handled");
        }
    }

    /** After every step: what is cheap to see. */
    void checkAmounts(long queueLimit, long slack) {
        long buffered = client.bufferedAmount();
        if (buffered < 0) throw new Violation("bufferedAmount " + buffered);
        if (buffered > queueLimit + slack) throw new Violation("bufferedAmount " + buffered + " passes the queue");
    }

    boolean hasDrained() {
        if (client.bufferedAmount() != 0 || pressed) return false;
        for (CompletableFuture<Void> future : writable) {
            if (!future.isDone()) return false;
        }
        for (int i = sent.size() - 1; i >= 0; i--) {
            if (sent.get(i).delivery.outcomeNow() == null) return false;
        }
        return true;
    }

    /** When nothing is open any more: every delivery told the truth. */
    void checkOutcomes(Collection<Long> serverHandled, Collection<Long> serverRefused, boolean acks) {
        for (Sent one : sent) {
            Outcome outcome = one.delivery.outcomeNow();
            if (outcome == null) throw new Violation("delivery " + one.number + " hangs");
            if (one.ends != 1 || !one.counted.isDone()) {
                throw new Violation("delivery " + one.number + " ended " + one.ends + " times");
            }
            if (one.recalled && outcome.kind() != Outcome.Kind.CANCELLED) {
                throw new Violation("delivery " + one.number + " was recalled and says " + outcome);
            }
            boolean wasHandled = serverHandled.contains(one.number);
            boolean wasRefused = serverRefused.contains(one.number);
            boolean truth;
            switch (outcome.kind()) {
                case ACKNOWLEDGED:
                    truth = acks && wasHandled;
                    break;
                case WRITTEN:
                    truth = !acks;
                    break;
                case REJECTED:
                    truth = wasRefused;
                    break;
                case UNKNOWN:
                    truth = true;
                    break;
                default:
                    truth = !wasHandled && !wasRefused;
            }
            if (!truth) {
                throw new Violation("delivery " + one.number + " says " + outcome + "; handled " + wasHandled
                        + ", refused " + wasRefused);
            }
        }
    }

    /** The client has ended, so nobody waits for it. */
    void checkNobodyWaits() {
        for (CompletableFuture<Void> future : writable) {
            if (!future.isDone()) throw new Violation("writable hangs");
        }
    }

    /** Everything that the server sent in the given sessions was handled. */
    boolean hasHandledAll(Map<String, Long> serverSent) {
        return serverSent.entrySet().stream().allMatch(e -> e.getValue().equals(handled.getOrDefault(e.getKey(), 0L)));
    }

    long handledCount() {
        return handled.values().stream().mapToLong(Long::longValue).sum();
    }

    Map<Outcome.Kind, Integer> outcomes() {
        Map<Outcome.Kind, Integer> counts = new HashMap<>();
        for (Sent one : sent) {
            Outcome outcome = one.delivery.outcomeNow();
            if (outcome != null) counts.merge(outcome.kind(), 1, Integer::sum);
        }
        return counts;
    }
}

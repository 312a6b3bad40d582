package dev.holdfast.simulation;

import dev.holdfast.Backoff;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.MemoryStore;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.StoreRecordRewriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One schedule of a client of topics, whose subscriptions have stored cursors, and whose processes die: at commits, before the disk
 * has the changes or after, and at other times. Its application has a database that survives, as an application has that handles
 * messages. In the end nothing may be missing there that no gap was reported for.
 */
final class SubscriptionCrashes {
    /** What a client could do wrong. */
    enum Bug {
        NONE,
        /** The store gets a cursor before the application has handled its message. */
        CURSOR_BEFORE_EFFECT
    }

    private static final List<String> TOPICS = List.of("prices", "news", "orders");
    /** Its messages are acknowledged by hand, out of turn, or never. */
    private static final String BY_HAND = "orders";

    /** Each process has so many ids. */
    private static final long IDS = 1_000_000;

    private static final long TROUBLE = World.seconds(120);
    private static final long CALM = World.seconds(60);

    /** What the application has of a topic, in its database. */
    private static final class Handled {
        final Set<Long> numbers = new TreeSet<>();
        /** Messages up to this one may be missing: the application was told. */
        long gapUpTo;
        /** Whether it was told of a gap since it handled a message: the gap goes on up to the next one that comes. */
        boolean gap;
        /** Whether the store had a cursor since the last gap. Without one, a process begins with what the server has left. */
        boolean hadCursor;
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private final World world;
    private final Bug bug;
    private final CursorServer server;
    private final SimTransport transport;
    private final MemoryStore disk = new MemoryStore();
    private final double crashChance;
    private final double forgetChance;

    // The database.
    private final Map<String, Handled> handled = new TreeMap<>();
    private final Set<String> stored = new HashSet<>();
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private int sent;

    private @Nullable Life life;
    private boolean calm;
    /** How many processes there were. */
    private long lives;

    private int crashes;

    SubscriptionCrashes(long seed, Bug bug) {
        this.world = new World(seed);
        this.bug = bug;
        server = new CursorServer(world);
        transport = new SimTransport(world, server);
        transport.latency = World.millis(1 + world.below(150));
        crashChance = 0.05 + world.below(300) / 1_000.0;
        forgetChance = world.chance(0.5) ? 0.02 : 0;
        for (String topic : TOPICS) {
            server.topics.put(topic, new CursorServer.Topic());
            handled.put(topic, new Handled());
        }
        server.observer = this::checkBegins;
        disk.watch = new MemoryStore.Watch() {
            @Override
            public void before(long commit) {
                maybeDie("before");
            }

            @Override
            public void after(long commit) {
                // One from before a gap is about to go.
                cursors()
                        .forEach(
                                (topic, cursor) -> handled.get(topic).hadCursor |= cursor > handled.get(topic).gapUpTo);
                if (bug == Bug.NONE) checkStored();
                maybeDie("after");
            }
        };
    }

    World world() {
        return world;
    }

    int crashes() {
        return crashes;
    }

    void uncaught(Throwable thrown) {
        if (!(thrown instanceof Killed)) world.fail(thrown);
    }

    // ---- the process ----

    /** One process of the application. */
    private final class Life implements CursorProtocol.Listener {
        final ClientProcess process = new ClientProcess(world);
        final CursorProtocol protocol = new CursorProtocol(++lives * IDS, Set.of(BY_HAND), this);
        final HoldfastClient client;
        /** What the store had when it began. */
        final Map<String, Long> began = cursors();
        /** The names of the subscriptions that go on. */
        final Set<String> open = new TreeSet<>();
        /** What this process has handled. */
        final Map<String, Set<Long>> seen = new HashMap<>();
        /** The topics of which something came since this process began, or since their last gap. */
        final Set<String> came = new HashSet<>();
        /** The topics that were subscribed to before. */
        final Set<String> known = new HashSet<>();

        @SuppressWarnings("FutureReturnValueIgnored")
        Life() {
            Environment environment = new Environment(
                    world.ticker, world.wall, process, process, new Random(1), new Random(1), transport);
            client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                    .session(Session.of(() -> protocol))
                    .backoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofSeconds(2)))
                    .store(bug == Bug.NONE ? disk : new EarlyStore())
                    .callbackExecutor(task -> process.schedule(task, world.below(World.millis(100))))
                    .build();
            client.storeOpened().thenAccept(found -> found.forEach(this::follow));
            client.connect();
            for (String topic : TOPICS) open.add(protocol.subscribe(topic));
        }

        @SuppressWarnings("FutureReturnValueIgnored")
        void follow(Delivery delivery) {
            String text = delivery.message().text();
            delivery.stored().thenAccept(has -> {
                if (has && !process.isDead()) stored.add(text);
            });
            delivery.outcome().thenAccept(outcome -> {
                if (process.isDead()) return;
                Outcome before = outcomes.put(text, outcome);
                if (before != null && before.kind() != outcome.kind()) {
                    world.fail(new Violation(text + " ended as " + before + " and as " + outcome));
                }
            });
        }

        /** Closes the subscription of a topic, and opens another one under its store name, at once or later. */
        void reopen(String topic) {
            for (String name : List.copyOf(open)) {
                if (!CursorProtocol.topicOf(name).equals(topic)) continue;
                world.happened("subscription closed");
                protocol.unsubscribe(name);
                open.remove(name);
                process.schedule(
                        () -> open.add(protocol.subscribe(topic)),
                        world.chance(0.5) ? 0 : world.below(World.seconds(2)));
            }
        }

        private void handle(String topic, long number) {
            if (process.isDead()) return;
            world.happened("message handled");
            if (number <= began.getOrDefault(topic, 0L)) {
                world.fail(new Violation(topic + " " + number + " comes again, and the store had " + began));
            }
            if (!seen.computeIfAbsent(topic, unused -> new HashSet<>()).add(number)) {
                world.fail(new Violation(topic + " " + number + " comes twice in one process"));
            }
            handled.get(topic).gap = false;
            if (!handled.get(topic).numbers.add(number)) world.happened("message handled again in another process");
        }

        @Override
        public void onMessage(String topic, long number, @Nullable Runnable ack) {
            Handled mine = handled.get(topic);
            if (came.add(topic) && mine.gap && !process.isDead()) mine.gapUpTo = Math.max(mine.gapUpTo, number - 1);
            if (ack == null) {
                handle(topic, number);
            } else if (!calm && world.chance(forgetChance)) {
                world.happened("message not acknowledged");
            } else {
                Runnable later = () -> {
                    handle(topic, number);
                    ack.run();
                };
                process.schedule(later, world.below(World.millis(500)));
            }
        }

        @Override
        public void onGap(String topic, long upTo) {
            if (process.isDead()) return;
            world.happened("gap reported");
            Handled mine = handled.get(topic);
            mine.gapUpTo = Math.max(mine.gapUpTo, upTo);
            mine.gap = true;
            mine.hadCursor = false;
            came.remove(topic);
        }

        @Override
        public void onFailed(Throwable thrown) {
            world.fail(thrown);
        }
    }

    /** A store whose client hands over cursors of messages that the application does not have yet. */
    private final class EarlyStore implements SessionStore {
        @Override
        public Map<Long, byte[]> open() throws StoreException {
            return disk.open();
        }

        @Override
        public void commit(List<StoreChange> changes) throws StoreException {
            List<StoreChange> early = new ArrayList<>();
            for (StoreChange change : changes) {
                early.add(StoreRecordRewriter.withCursor(change, (topic, cursor) -> {
                    long next = Math.min(Long.parseLong(cursor) + 1, server.topics.get(topic).newest);
                    return Long.toString(next);
                }));
            }
            disk.commit(early);
        }

        @Override
        public void close() {
            disk.close();
        }
    }

    // ---- what happens ----

    private void maybeDie(String when) {
        if (life == null || calm || !world.chance(crashChance / 2)) return;
        crashes++;
        world.trace("crash " + when + " a commit");
        die(world.below(World.seconds(2)));
        throw new Killed();
    }

    private void die(long absence) {
        if (life == null) return;
        world.happened("process died");
        life.process.die();
        life = null;
        disk.ownerDied();
        transport.abandon(world.chance(0.5));
        world.schedule(this::begin, absence);
    }

    private void begin() {
        if (life != null) return;
        world.trace("process begins with " + cursors());
        life = new Life();
        if (!life.began.isEmpty()) world.happened("cursor found in the store");
    }

    private void trouble() {
        if (calm) return;
        world.schedule(this::trouble, world.below(World.millis(400)));
        String topic = TOPICS.get((int) world.below(TOPICS.size()));
        Life now = life;
        double what = world.random.nextDouble();
        if (what < 0.6) {
            for (long left = 1 + world.below(5); left > 0; left--) server.publish(topic);
        } else if (what < 0.75 && now != null) {
            now.follow(now.client.send("out-" + ++sent + (world.chance(0.5) ? "a" : "")));
        } else if (what < 0.85 && now != null) {
            now.reopen(topic);
        } else if (what < 0.9) {
            server.connections().forEach(SimConnection::cut);
        } else if (what < 0.94) {
            server.trim(topic);
        } else if (what < 0.95) {
            die(world.below(World.seconds(2)));
        }
    }

    /** Runs the schedule. Throws what goes wrong. */
    void run() {
        begin();
        world.schedule(this::trouble, 0);
        while (world.step(TROUBLE)) {}
        die(0);
        calm = true;
        while (world.step(TROUBLE + CALM)) {}
        checkEnd();
    }

    // ---- what must be true ----

    private Map<String, Long> cursors() {
        Map<String, Long> cursors = new TreeMap<>();
        StoreRecordRewriter.cursors(disk.content())
                .forEach((name, cursor) -> cursors.put(name, Long.parseLong(cursor)));
        return cursors;
    }

    /** The first subscription of a process begins where the store says. */
    private void checkBegins(String topic, String id, String cursor) {
        Handled mine = handled.get(topic);
        if (cursor.equals("-") && !mine.hadCursor) {
            mine.gapUpTo = Math.max(mine.gapUpTo, server.topics.get(topic).trimmed);
        }
        Life now = life;
        // What an earlier process wrote may arrive now.
        boolean isNow = now != null && CursorProtocol.idOf(id) / IDS == lives;
        if (!isNow || !now.known.add(topic)) return;
        Long had = now.began.get(topic);
        String expected = had == null ? "-" : had.toString();
        // It may have been closed and opened again before the first one reached the server.
        boolean moved = !cursor.equals("-") && had != null && Long.parseLong(cursor) > had;
        if (!cursor.equals(expected) && !moved && now.seen.get(topic) == null) {
            world.fail(new Violation(topic + " begins after " + cursor + ", and the store had " + expected));
        }
    }

    /** The store is never ahead of the application. */
    private void checkStored() {
        cursors().forEach((topic, cursor) -> checkComplete(topic, cursor, "the store has " + cursor));
    }

    private void checkComplete(String topic, long upTo, String why) {
        Handled mine = handled.get(topic);
        if (mine.numbers.isEmpty()) {
            if (upTo > mine.gapUpTo && !why.isEmpty())
                world.fail(new Violation(topic + ": nothing was handled, and " + why));
            return;
        }
        long first = Math.max(mine.numbers.iterator().next(), mine.gapUpTo + 1);
        for (long number = first; number <= upTo; number++) {
            if (mine.numbers.contains(number)) continue;
            world.fail(new Violation(topic + " " + number + " was not handled, and " + why));
        }
    }

    private void checkEnd() {
        server.topics.forEach((topic, log) -> {
            if (log.newest > log.trimmed) checkComplete(topic, log.newest, "all is over");
        });
        for (int number = 1; number <= sent; number++) {
            checkSent("out-" + number);
            checkSent("out-" + number + "a");
        }
        Map<String, Long> left = cursors();
        server.topics.forEach((topic, log) -> {
            Long cursor = left.get(topic);
            if (log.newest > log.trimmed && (cursor == null || cursor != log.newest)) {
                world.fail(new Violation(topic + " ends with cursor " + cursor + " of " + log.newest));
            }
        });
        // Has a failure thrown.
        world.schedule(() -> {}, 0);
        world.step(Long.MAX_VALUE);
    }

    private void checkSent(String text) {
        int count = server.received.getOrDefault(text, 0);
        Outcome outcome = outcomes.get(text);
        if (count > 1) world.fail(new Violation(text + " came " + count + " times"));
        if (!stored.contains(text)) return;
        world.happened("message stored");
        if (outcome == null) {
            // A success may be lost with the process that was about to report it.
            if (count == 0 && text.endsWith("a")) world.fail(new Violation(text + " is gone without an outcome"));
        } else if (count == 0 && outcome.kind() != Outcome.Kind.UNKNOWN && outcome.kind() != Outcome.Kind.WRITTEN) {
            world.fail(new Violation(text + " did not arrive and ended as " + outcome));
        } else if (outcome.reason() == Outcome.Reason.RESTORED) {
            world.happened("message unknown after a restart");
        }
    }
}

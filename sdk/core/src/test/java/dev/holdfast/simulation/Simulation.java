package dev.holdfast.simulation;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.MemoryStore;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.RateLimit;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.UnknownOutcomes;
import dev.holdfast.internal.runtime.Environment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * One schedule: a client and a server under faults that a seed draws, the invariants of {@code docs/states.md} checked
 * after every step, then a calm in which everything must come right, then the end.
 */
final class Simulation {
    private static final long CALM = World.seconds(240);
    private static final int SIGN_INS = 2;
    /** The time from a decision of the client to its report, with a store. */
    private static final long MAX_COMMIT = 10_000;
    /** The time for a welcome and between two entries of a replay, and some for what is under way. */
    private static final long MAX_REST = World.seconds(15 + 4);
    /** A waiting client looks at its clock as often as this. */
    private static final long MAX_SLICE = World.seconds(16);

    private static final long END = World.seconds(60);
    private static final int QUEUE_BYTES = 4_000;
    /** The connection's low mark and a message. */
    private static final int QUEUE_SLACK = 64 * 1024 + 1_000;

    final World world;
    final ModelServer server;
    final PlainServer plainServer;
    /** Whether there is no session, but a server that knows of none. */
    final boolean plain;
    /** How the client's place is told where that server has a history; null where it has none. */
    private final HistoryServer.Place place;

    final SimTransport transport;
    final ClientApp app;
    final Outgoing outgoing;
    final Attempts attempts;
    final ManualNetworkMonitor network = new ManualNetworkMonitor();
    /** Null if nobody needs credentials. */
    final TokenOffice office;
    /** Null if the client has the URL of its server. */
    private final TicketOffice tickets;

    final boolean watchesNetwork;
    /** Whether the application gives the client a clock that counts sleep. */
    final boolean hasElapsedClock;

    private final Mishaps mishaps;
    private final Faults happening;
    private final OutboundQueue queue;
    private final Session session;
    private final Heartbeat heartbeat;
    private final long inboundLimit;
    private final long interval;
    private final long deadline;
    private final boolean appMeddles;
    /** The application calls {@code connect()} whenever it hears that the client waits or has stopped. */
    private final boolean eager;
    /** Ends in the middle of everything, with no calm before. */
    private final boolean abrupt;

    private final long seed;
    private final Set<Integer> spared;
    /** Whether the session has a store, so that nothing dies with a process. */
    final boolean durable;

    private final MemoryStore disk = new MemoryStore();
    private final BuggyStore store;
    /** How likely the process dies at a commit. */
    private double crashChance;
    /** How often it did. */
    private int crashes;

    private HoldfastClient client;
    private ClientProcess process;
    private final List<ClientApp.Saved> saved = new ArrayList<>();
    private boolean alive = true;
    private int deaths;
    boolean networkLost;
    private int faults;
    /** Handovers; one that fails is tried again five times. */
    int moves;

    private boolean talking = true;
    private boolean calm;
    private boolean appWantsConnection = true;
    /** Attempts that no backoff explains: the application or a draining server asked for them. */
    int excusedAttempts = 1;

    /** A simulation with all its faults. */
    Simulation(long seed) {
        this(seed, Collections.emptySet());
    }

    /** @param spared numbers of the faults that do not happen */
    Simulation(long seed, Set<Integer> spared) {
        this(seed, spared, null);
    }

    /** @param bug a bug between the session and its store, whose processes die at commits; null for no store */
    Simulation(long seed, Set<Integer> spared, BuggyStore.Bug bug) {
        this.durable = bug != null;
        this.seed = seed;
        this.spared = spared;
        world = new World(seed);
        server = new ModelServer(world);
        store = new BuggyStore(disk, durable ? bug : BuggyStore.Bug.NONE, server::nextSent);
        plain = world.chance(0.3);
        boolean history = plain && world.chance(1 / 3.0);
        place = history ? HistoryServer.PLACES.get((int) world.below(3)) : null;
        plainServer = history ? new HistoryServer(world, place) : new PlainServer(world);
        transport = new SimTransport(world, plain ? plainServer : server);
        boolean buggy = world.chance(0.2);
        mishaps = new Mishaps(world, buggy ? 0.05 : 0);
        outgoing = new Outgoing(world);
        app = new ClientApp(world, plain, outgoing, mishaps);
        attempts = new Attempts(world, transport, mishaps, buggy && world.chance(0.5));
        app.gapBefore = plainServer::isGapBefore;
        boolean lazyPongs = !plain && world.chance(0.1);
        // Messages come every 800 ms at the latest, so they prove life long before such a pong does.
        server.pongDelay = lazyPongs ? World.seconds(20) : 0;
        interval = lazyPongs ? World.millis(500) : World.millis(500 + world.below(20_000));
        deadline = lazyPongs ? World.seconds(3) : World.millis(1_000 + world.below(10_000));
        appMeddles = world.chance(0.3);
        eager = world.chance(0.1);
        abrupt = world.chance(0.2);
        server.refusal = world.chance(0.3) ? 0.05 : 0;
        server.padding = outgoing.padding = plainServer.padding = world.chance(0.1) ? 1_000 : 20;
        server.closeDelay = world.chance(0.2) ? World.millis(world.below(7_000)) : 0;
        server.window = !lazyPongs && world.chance(0.3) ? 1 + (int) world.below(20) : Integer.MAX_VALUE;
        server.ackObserver = app::checkAcknowledged;
        server.handledObserver = outgoing::checkOrder;
        server.rollBackObserver = () -> outgoing.rolledBack(server.handledOnce);
        server.isKnownAcknowledged = outgoing::isKnownAcknowledged;
        plainServer.handledObserver = outgoing::checkOrder;
        outgoing.particular = durable || world.chance(0.6);
        if (outgoing.particular) transport.handedOverObserver = outgoing::handedOver;
        transport.latency = World.millis(1 + world.below(150));
        app.acksByHand = !plain && world.chance(0.25);
        app.onState = this::onState;
        app.onFailure = this::onFailure;
        app.isForgotten = server::hasForgotten;
        office = world.chance(0.3)
                ? new TokenOffice(world, !plain && world.chance(0.5), world.chance(0.5), mishaps)
                : null;
        if (office != null) {
            office.failure = world.chance(0.3) ? 0.3 : 0;
            office.life = World.seconds(5 + world.below(60));
            server.office = transport.office = office;
        }
        // Drawn from another world, so that schedules without it stay the same.
        tickets = new World(~seed).chance(0.2) ? new TicketOffice(world, mishaps) : null;
        if (tickets != null) tickets.failure = world.chance(0.5) ? 0.3 : 0;
        transport.tickets = tickets;
        boolean serverPings = !plain && !lazyPongs && world.chance(0.1);
        if (serverPings) server.pingInterval = interval / 3;
        queue = queue();
        outgoing.keyed = !plain && world.chance(0.3);
        session = session();
        heartbeat = heartbeat(serverPings, !lazyPongs && world.chance(0.3));
        inboundLimit = world.chance(0.5) ? 500 : 100_000;
        watchesNetwork = world.chance(0.5);
        hasElapsedClock = world.chance(0.5);
        outgoing.clockError = attempts.clockError = hasElapsedClock ? World.MAX_READING : Faults.MAX_FORWARD;
        happening = new Faults(this);
        if (durable) {
            outgoing.plain = plain;
            plainServer.forgetsFirstPlace = true;
            // What the client has decided is reported when it is stored.
            attempts.commitTime = MAX_COMMIT;
            attempts.clockError += MAX_COMMIT;
            outgoing.clockError += MAX_COMMIT;
            Overflow.Policy policy = queue.overflow().policy();
            outgoing.dropsStored = policy == Overflow.Policy.DROP_OLDEST || policy == Overflow.Policy.DROP_NEWEST;
            outgoing.durable = server.clientIsDurable = true;
            crashChance = 0.02 + world.below(100) / 1_000.0;
            disk.watch = new Crashes();
        }
        begin(null);
        app.use(client, process);
    }

    /** Starts a process, with a client of its own. */
    private void begin(ClientApp.Saved from) {
        process = new ClientProcess(world);
        Environment environment = new Environment(
                world.ticker, world.wall, process, process, new Random(seed), new Random(seed + 1), transport);
        HoldfastClientBuilder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(session)
                .backoff(Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(8))
                        .withResetAfter(Duration.ofSeconds(5)))
                .heartbeat(heartbeat)
                .queue(queue)
                .inboundLimitBytes(inboundLimit)
                .addEventListener(durable ? whileAlive(process, attempts) : attempts)
                .listener(app);
        // The one thread of this world would be that of the callbacks, which must not block.
        if (queue.overflow().maxWait() == null) builder.callbackExecutor(app.callbackExecutor(process));
        if (watchesNetwork) builder.networkMonitor(network);
        if (office != null) builder.credentialProvider(office);
        if (tickets != null) builder.endpointProvider(tickets);
        if (hasElapsedClock) builder.elapsedClock(world.elapsed::nanos);
        if (from != null) builder.restore(from.snapshot());
        if (durable) builder.store(store);
        client = builder.build();
    }

    private Heartbeat heartbeat(boolean serverPings, boolean adaptive) {
        if (serverPings) return Heartbeat.serverPings(Duration.ofNanos(interval));
        Heartbeat heartbeat = Heartbeat.every(Duration.ofNanos(interval)).withDeadline(Duration.ofNanos(deadline));
        return adaptive ? heartbeat.withAdaptiveDeadline(Duration.ofSeconds(1)) : heartbeat;
    }

    private OutboundQueue queue() {
        OutboundQueue queue = OutboundQueue.ofBytes(QUEUE_BYTES).withMaxMessages(200);
        switch ((int) world.below(5)) {
            case 0:
                queue = queue.withOverflow(Overflow.dropOldest());
                break;
            case 1:
                queue = queue.withOverflow(Overflow.dropNewest());
                break;
            case 2:
                // There is one thread, which must not wait in earnest.
                queue = queue.withOverflow(Overflow.block(Duration.ofNanos(1)));
                break;
            default:
        }
        if (!plain && world.chance(0.3)) {
            queue = queue.withBatching(Duration.ofMillis(world.below(500)));
            server.batch = (int) world.below(10);
        }
        if (world.chance(0.2)) {
            queue = queue.withRateLimit(RateLimit.ofMessages(10 + world.below(100))
                    .withBytesPerSecond(2_000)
                    .withBurst(Duration.ofMillis(1 + world.below(2_000))));
        }
        return queue;
    }

    private Session session() {
        if (place != null) return place.session(this::onResuming);
        if (plain) return Session.none();
        Session session = app.acksByHand ? Session.resumable().withManualAcks() : Session.resumable();
        return outgoing.keyed ? session.withUnknownOutcomes(UnknownOutcomes.RESEND_WITH_KEY) : session;
    }

    private void onResuming() {
        try {
            mishaps.maybeThrow("onResuming");
        } catch (RuntimeException | Error e) {
            // It costs the connection.
            transport.connections().forEach(SimConnection::excuse);
            throw e;
        }
    }

    /** Runs the schedule. Throws a {@link Violation} where an invariant does not hold. */
    void run() {
        long faultsEnd = World.seconds(20 + world.below(100));
        client.connect();
        talk(this::appTurn, 400);
        talk(plain ? plainServer::send : server::sendToAll, 400);
        faults = (int) world.below(20);
        for (int i = 0; i < faults; i++) {
            // Each draws for itself, so that the others are the same where one is spared.
            World draw = new World(seed * 31 + i);
            long at = draw.below(faultsEnd);
            if (!spared.contains(i)) world.schedule(() -> happening.happen(draw), at);
        }

        runUntil(faultsEnd, false);
        if (abrupt) {
            end();
            return;
        }
        calm();
        if (!runUntil(world.now() + CALM, true)) {
            throw new Violation("not well after a long calm: " + client.state() + ", " + client.bufferedAmount()
                    + " bytes buffered, outcomes " + outgoing.outcomes() + ", sessions " + server);
        }
        end();
        checkAttempts();
    }

    private void talk(Runnable turn, long meanMillis) {
        world.schedule(
                () -> {
                    if (!talking) return;
                    turn.run();
                    talk(turn, meanMillis);
                },
                world.below(World.millis(2 * meanMillis)));
    }

    private void appTurn() {
        if (!alive) return;
        int burst = world.chance(0.05) ? 40 : 1;
        for (int i = 0; i < burst; i++) outgoing.send();
        if (appWantsConnection && client.state() == ClientState.IDLE) connect();
        if (appMeddles && world.chance(0.01)) {
            appWantsConnection = !appWantsConnection;
            world.trace("application " + (appWantsConnection ? "connects" : "disconnects"));
            if (appWantsConnection) {
                connect();
            } else {
                client.disconnect();
            }
        }
    }

    void sendLarge() {
        if (alive) outgoing.sendLarge();
    }

    /** The application gets past a message that ends connection after connection. */
    private void onFailure(ConnectionFailure failure) {
        Delivery suspect = failure.suspect();
        if (suspect == null) return;
        boolean tooLarge = failure.closeCode() == 4413 || failure.closeCode() == 1009;
        // In the calm it does so at once: otherwise chance could keep the message, and the session with it, for ever.
        if ((tooLarge || calm || world.chance(0.5)) && suspect.giveUp()) world.happened("message given up");
        if (!failure.willRetry() && appWantsConnection) connect();
    }

    private void onState(ClientState state) {
        boolean waits = state == ClientState.WAITING || state == ClientState.IDLE;
        if (eager && waits && appWantsConnection && !calm) connect();
    }

    private void connect() {
        excusedAttempts++;
        transport.offlineSince = Long.MAX_VALUE;
        attempts.connectCalled();
        client.connect();
    }

    ClientState state() {
        return client.state();
    }

    // ---- processes ----

    /** The death of a process in a write. It goes through code of the process, which does nothing more. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** The process dies now and then when it writes: before the disk has the changes, or after and before it knows. */
    private final class Crashes implements MemoryStore.Watch {
        @Override
        public void before(long commit) {
            maybeDie("before");
        }

        @Override
        public void after(long commit) {
            maybeDie("after");
        }

        private void maybeDie(String when) {
            if (!alive || calm || !world.chance(crashChance / 2)) return;
            crashes++;
            world.trace("crash " + when + " a commit");
            die(false, world.chance(0.5), world.below(World.seconds(world.chance(0.8) ? 3 : 60)));
            throw new Killed();
        }
    }

    /** How often the process died at a commit. */
    int crashes() {
        return crashes;
    }

    /** Returns a listener that hears nothing more when the process is dead. */
    private static HoldfastEventListener whileAlive(ClientProcess of, HoldfastEventListener listener) {
        return (HoldfastEventListener) Proxy.newProxyInstance(
                HoldfastEventListener.class.getClassLoader(),
                new Class<?>[] {HoldfastEventListener.class},
                (proxy, method, arguments) -> {
                    boolean asks = method.getReturnType() != void.class;
                    if (of.isDead() && !asks) return null;
                    try {
                        return method.invoke(listener, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The application stores a snapshot. */
    void save() {
        if (alive && !durable) app.save(saved::add);
    }

    /**
     * The process is killed, and another begins after a while.
     *
     * @param older whether it restores any snapshot that was stored, or the newest
     * @param flushes whether what was written still goes out
     */
    void die(boolean older, boolean flushes, long absence) {
        if (!alive || calm) return;
        world.trace("process dies");
        world.happened("process died");
        alive = false;
        deaths++;
        process.die();
        store.ownerDied();
        outgoing.orphan();
        transport.abandon(flushes);
        world.schedule(() -> restart(older), absence);
    }

    private void restart(boolean older) {
        if (alive) return;
        alive = true;
        if (durable) {
            world.trace("process begins with its store");
            attempts.restarted();
            begin(null);
            app.restartFromStore(client, process);
            if (appWantsConnection) connect();
            return;
        }
        ClientApp.Saved from =
                saved.isEmpty() ? null : saved.get(older ? (int) world.below(saved.size()) : saved.size() - 1);
        world.trace("process begins " + (from == null ? "with nothing" : "with a snapshot of " + from.stream));
        server.snapshotsAreStale = true;
        attempts.restarted();
        begin(from);
        app.restart(client, process, from);
        if (appWantsConnection) connect();
    }

    /** How long until the client looks at its clock, whatever it does. */
    long lookAtClock() {
        return Math.max(interval, MAX_SLICE) + World.seconds(1);
    }

    /** A reason for an attempt at once, and for the client to forget what went wrong before. */
    void networkChanges() {
        attempts.excuse();
        app.startsOver();
    }

    /** The network changed: an open client moves within a second. */
    void expectMove() {
        // Suppliers take their time; and if there was no network, another is only one that is back.
        if (networkLost || !watchesNetwork || plain || client.state() != ClientState.OPEN) return;
        if (office != null || tickets != null) return;
        int before = transport.attempts.size();
        long changed = world.now();
        world.schedule(() -> checkMoved(before, changed), World.seconds(1));
    }

    private void checkMoved(int attemptsBefore, long changed) {
        boolean ran = alive && world.awakeSince() <= changed;
        if (ran && client.state() == ClientState.OPEN && transport.attempts.size() == attemptsBefore) {
            throw new Violation("stays on a network that is gone");
        }
    }

    private void calm() {
        world.trace("calm");
        talking = false;
        calm = true;
        restart(false);
        if (server.pongDelay > 0) transport.connections().forEach(SimConnection::excuse);
        server.pongDelay = 0;
        happening.findNetwork();
        happening.acceptCredentials();
        happening.mendAcknowledgements();
        server.stopBabbling();
        if (office != null) {
            office.failure = 0;
            office.life = World.seconds(3_000);
        }
        if (tickets != null) tickets.failure = 0;
        app.slowness = 0;
        app.ackDelay = 0;
        for (SimConnection connection : transport.connections()) {
            connection.goOn();
            connection.endOnlyPinging();
        }
        // One that is to be connected comes back by itself, or never.
        if (!appWantsConnection || client.state() == ClientState.IDLE) connect();
        appWantsConnection = true;
        for (int i = 1; i <= SIGN_INS; i++) world.schedule(this::signIn, World.seconds(30L * i));
    }

    /** Some failures stop the client: a person would connect again, though not for ever. */
    private void signIn() {
        if (client.state() == ClientState.IDLE) connect();
    }

    /** Returns early, with true, where {@code untilWell} and all is well. */
    private boolean runUntil(long end, boolean untilWell) {
        while (true) {
            boolean stepped = world.step(end);
            check();
            if (untilWell && isWell()) return true;
            if (!stepped) return !untilWell;
        }
    }

    private boolean isWell() {
        if (client.state() != ClientState.OPEN || app.isPressed() || !outgoing.hasDrained()) return false;
        List<SimConnection> connections = transport.connections();
        // A frozen process does not know yet.
        if (connections.isEmpty()) return false;
        SimConnection newest = connections.get(connections.size() - 1);
        if (server.isDoomed(newest)) return false;
        return app.hasHandledAll(plain ? plainServer.sentOver(newest) : server.sentOver(newest));
    }

    private void check() {
        app.checkAmounts(QUEUE_BYTES, QUEUE_SLACK);
        int live = 0;
        for (SimConnection connection : transport.connections()) {
            if (connection.isLive()) live++;
            long silence = world.now() - Math.max(connection.silentSince(), world.awakeSince());
            // A second for what was under way, and for the write that a full socket holds up, ten. Before the welcome,
            // which no heartbeat watches, its own time limit counts.
            boolean opening = client.state() != ClientState.OPEN;
            long limit = (opening ? Math.max(interval + deadline, World.seconds(15)) : interval + deadline)
                    + World.seconds(11);
            if (silence > limit) {
                throw new Violation(connection + " has been dead for " + silence / 1_000_000 + " ms");
            }
        }
        if (client.state() == ClientState.RESUMING) checkResuming();
        if (alive) attempts.check(client.state(), lookAtClock());
        if (transport.wasted) throw new Violation("attempt without a network");
        // Two during a handover.
        if (live > 2) throw new Violation(live + " live connections");
    }

    /** A replay that does not go on is given up, acknowledgements or not. */
    private void checkResuming() {
        for (SimConnection connection : transport.connections()) {
            long rest = world.now() - Math.max(connection.streamRestsSince(), world.awakeSince());
            if (rest > MAX_REST) throw new Violation(connection + " resumes without an end for " + rest + " ns");
        }
    }

    private void end() {
        calm = true;
        restart(false);
        boolean close = !abrupt || world.chance(0.7);
        world.trace("application " + (close ? "closes" : "cancels"));
        if (close) {
            client.close();
        } else {
            client.cancel();
        }
        talking = false;
        runUntil(Math.max(world.now(), world.awakeSince()) + END, false);
        if (!app.isClosed() || client.state() != ClientState.CLOSED) {
            throw new Violation("not closed: " + client.state());
        }
        if (client.bufferedAmount() != 0) throw new Violation("closed with bufferedAmount " + client.bufferedAmount());
        if (!transport.connections().isEmpty()) throw new Violation("connections left: " + transport.connections());
        outgoing.checkNobodyWaits();
        if (durable && disk.isOpen()) throw new Violation("closed, and the store is open");
        outgoing.checkNothingVanished(plain ? plainServer.handled : server.everHandled, server.refused, plain);
        outgoing.checkOutcomes(plain ? plainServer.handled : server.everHandled, server.refused, !plain);
        mishaps.check(deaths);
        if (!appMeddles && !abrupt && transport.healthyCancels() > 0) {
            throw new Violation(transport.healthyCancels() + " healthy connections were given up");
        }
    }

    /** Each attempt follows a failure that announced it, or something else that asked for it. */
    private void checkAttempts() {
        long renewals = office == null ? 0 : office.renewals();
        long announced = attempts.announced();
        if (transport.attempts.size() > announced + excusedAttempts + (6L * moves) + (6 * renewals)) {
            throw new Violation(transport.attempts.size() + " attempts, " + announced + " of them announced, "
                    + excusedAttempts + " asked for");
        }
    }

    /** How many faults were drawn. */
    int faults() {
        return faults;
    }

    World world() {
        return world;
    }

    /** The uncaught exception handler of the threads of this world. */
    void uncaught(Throwable thrown) {
        mishaps.onUncaught(thrown);
    }

    Map<Outcome.Kind, Integer> outcomes() {
        return outgoing.outcomes();
    }

    ClientApp app() {
        return app;
    }

    /** How often a client without a session went on from its last message. */
    int replays() {
        return plainServer.replays;
    }

    /** How many messages such a client got once more. */
    int duplicates() {
        return plainServer.duplicates;
    }

    /** How many frames of the client's held several messages. */
    int batches() {
        return server.batches;
    }

    int attempts() {
        return transport.attempts.size();
    }
}

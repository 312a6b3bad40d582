package dev.holdfast.simulation;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.RateLimit;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
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
    private static final long END = World.seconds(60);
    private static final int QUEUE_BYTES = 4_000;
    /** The connection's low mark and a message. */
    private static final int QUEUE_SLACK = 64 * 1024 + 1_000;

    private final World world;
    private final ModelServer server;
    private final PlainServer plainServer;
    /** Whether there is no session, but a server that knows of none. */
    private final boolean plain;
    /** How the client's place is told where that server has a history; null where it has none. */
    private final HistoryServer.Place place;

    private final SimTransport transport;
    private final ClientApp app;
    private final HoldfastClient client;
    private final long interval;
    private final long deadline;
    private final boolean appMeddles;
    /** Ends in the middle of everything, with no calm before. */
    private final boolean abrupt;

    private final long seed;
    private final Set<Integer> spared;
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final TokenOffice office;
    private final boolean watchesNetwork;
    private boolean networkLost;
    private int faults;
    /** Handovers, of which one that fails is tried again five times. */
    private int moves;

    /** Whether delays may have been cut short by something else than the application. */
    private boolean hurried;

    private boolean talking = true;
    private boolean appWantsConnection = true;
    /** Attempts that no backoff explains: the application or a draining server asked for them. */
    private int excusedAttempts = 1;

    /** A simulation with all its faults. */
    Simulation(long seed) {
        this(seed, Collections.emptySet());
    }

    /** @param spared numbers of the faults that do not happen */
    Simulation(long seed, Set<Integer> spared) {
        this.seed = seed;
        this.spared = spared;
        world = new World(seed);
        server = new ModelServer(world);
        plain = world.chance(0.3);
        boolean history = plain && world.chance(1 / 3.0);
        place = history ? HistoryServer.PLACES.get((int) world.below(3)) : null;
        plainServer = history ? new HistoryServer(world, place) : new PlainServer(world);
        transport = new SimTransport(world, plain ? plainServer : server);
        app = new ClientApp(world, plain);
        app.gapBefore = plainServer::isGapBefore;
        boolean lazyPongs = !plain && world.chance(0.1);
        // Messages come every 800 ms at the latest, so they prove life long before such a pong does.
        server.pongDelay = lazyPongs ? World.seconds(20) : 0;
        interval = lazyPongs ? World.millis(500) : World.millis(500 + world.below(20_000));
        deadline = lazyPongs ? World.seconds(3) : World.millis(1_000 + world.below(10_000));
        appMeddles = world.chance(0.3);
        abrupt = world.chance(0.2);
        server.refusal = world.chance(0.3) ? 0.05 : 0;
        server.padding = app.padding = plainServer.padding = world.chance(0.1) ? 1_000 : 20;
        server.closeDelay = world.chance(0.2) ? World.millis(world.below(7_000)) : 0;
        server.ackObserver = app::checkAcknowledged;
        server.handledObserver = app::checkOrder;
        plainServer.handledObserver = app::checkOrder;
        app.particular = world.chance(0.6);
        transport.latency = World.millis(1 + world.below(150));
        app.acksByHand = !plain && world.chance(0.25);
        office = !plain && world.chance(0.3) ? new TokenOffice(world, world.chance(0.5), world.chance(0.5)) : null;
        if (office != null) {
            office.failure = world.chance(0.3) ? 0.3 : 0;
            office.life = World.seconds(5 + world.below(60));
            server.office = transport.office = office;
        }
        boolean serverPings = !plain && !lazyPongs && world.chance(0.1);
        if (serverPings) server.pingInterval = interval / 3;
        Environment environment = new Environment(
                world.ticker,
                world.wall,
                world.scheduler,
                world.threads,
                new Random(seed),
                new Random(seed + 1),
                transport);
        OutboundQueue queue = queue();
        HoldfastClient.Builder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(session())
                .backoff(Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(8))
                        .resetAfter(Duration.ofSeconds(5)))
                .heartbeat(heartbeat(serverPings, !lazyPongs && world.chance(0.3)))
                .queue(queue)
                .inboundLimitBytes(world.chance(0.5) ? 500 : 100_000)
                .listener(app);
        // The one thread of this world would be that of the callbacks, which must not block.
        if (queue.overflow().blockNanos() == 0) builder.callbackExecutor(app.callbackExecutor());
        watchesNetwork = world.chance(0.5);
        if (watchesNetwork) builder.networkMonitor(network);
        if (office != null) builder.credentials(office);
        client = builder.build();
        app.use(client);
    }

    private Heartbeat heartbeat(boolean serverPings, boolean adaptive) {
        if (serverPings) return Heartbeat.serverPings(Duration.ofNanos(interval));
        Heartbeat heartbeat = Heartbeat.every(Duration.ofNanos(interval)).deadline(Duration.ofNanos(deadline));
        return adaptive ? heartbeat.adaptive(Duration.ofSeconds(1)) : heartbeat;
    }

    private OutboundQueue queue() {
        OutboundQueue queue = OutboundQueue.ofBytes(QUEUE_BYTES).maxMessages(200);
        switch ((int) world.below(5)) {
            case 0:
                queue = queue.overflow(Overflow.dropOldest());
                break;
            case 1:
                queue = queue.overflow(Overflow.dropNewest());
                break;
            case 2:
                // There is one thread, which must not wait in earnest.
                queue = queue.overflow(Overflow.block(Duration.ofNanos(1)));
                break;
            default:
        }
        if (!plain && world.chance(0.3)) {
            queue = queue.batching(Duration.ofMillis(world.below(500)));
            server.batch = (int) world.below(10);
        }
        if (world.chance(0.2)) {
            queue = queue.rateLimit(RateLimit.ofMessages(10 + world.below(100))
                    .bytes(2_000)
                    .burst(Duration.ofMillis(1 + world.below(2_000))));
        }
        return queue;
    }

    private Session session() {
        if (place != null) return place.session();
        if (plain) return Session.none();
        return app.acksByHand ? Session.resumable().manualAcks() : Session.resumable();
    }

    /** Runs the schedule. Throws a {@link Violation} where an invariant does not hold. */
    void run() {
        long faultsEnd = World.seconds(20 + world.below(100));
        client.connect();
        talk(this::appTurn, 400);
        talk(plain ? plainServer::send : server::sendToAll, 400);
        faults = (int) world.below(14);
        for (int i = 0; i < faults; i++) {
            // Each draws for itself, so that the others are the same where one is spared.
            World draw = new World(seed * 31 + i);
            long at = draw.below(faultsEnd);
            if (!spared.contains(i)) world.schedule(() -> fault(draw), at);
        }

        runUntil(faultsEnd, false);
        if (abrupt) {
            end();
            return;
        }
        calm();
        if (!runUntil(world.now() + CALM, true)) {
            throw new Violation("not well after a long calm: " + client.state() + ", " + client.bufferedAmount()
                    + " bytes buffered, outcomes " + app.outcomes());
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
        int burst = world.chance(0.05) ? 40 : 1;
        for (int i = 0; i < burst; i++) app.send();
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

    private void connect() {
        excusedAttempts++;
        transport.offlineSince = Long.MAX_VALUE;
        client.connect();
    }

    private void fault(World draw) {
        List<SimConnection> connections = transport.connections();
        SimConnection newest = connections.isEmpty() ? null : connections.get(connections.size() - 1);
        switch ((int) draw.below(18)) {
            case 0:
            case 1:
                if (newest != null) {
                    world.trace("cut");
                    newest.cut();
                }
                break;
            case 2:
                if (newest != null) {
                    boolean upward = draw.chance(0.7);
                    boolean downward = !upward || draw.chance(0.7);
                    world.trace("black hole" + (upward ? ", up" : "") + (downward ? ", down" : ""));
                    newest.forget(upward, downward);
                    // TCP's own acknowledgements are lost as well, so the other direction dries up.
                    world.schedule(() -> newest.forget(true, true), draw.below(World.seconds(3)));
                }
                break;
            case 3:
                if (newest != null) {
                    world.trace("stall");
                    newest.hold(draw.chance(0.6), draw.chance(0.6));
                    world.schedule(newest::goOn, draw.below(World.seconds(12)));
                }
                break;
            case 4:
                weather(SimTransport.Weather.REFUSED, draw);
                break;
            case 5:
                weather(SimTransport.Weather.SILENT, draw);
                break;
            case 6:
                weather(SimTransport.Weather.UNAVAILABLE, draw);
                break;
            case 7:
                server.restart(true);
                break;
            case 8:
                server.restart(false);
                break;
            case 9:
                if (draw.chance(0.5)) {
                    server.expireAll();
                } else {
                    server.trimAll();
                    plainServer.trim();
                }
                break;
            case 10:
                moves++;
                server.drain(draw.below(3_000));
                break;
            case 11:
                int[] codes = {1000, 1001, 1011, 1012, 1013, 4429};
                int code = codes[(int) draw.below(codes.length)];
                server.closeAll(code, "");
                plainServer.closeAll(code);
                break;
            case 12:
                loseNetwork(draw);
                break;
            case 13:
            case 14:
                changeNetwork(newest, draw);
                break;
            case 15:
                if (office != null) server.revokeTokens();
                break;
            case 16:
                hurried = true;
                if (draw.chance(0.5)) {
                    world.sleep(draw.below(World.seconds(200)));
                    if (newest != null && draw.chance(0.5)) newest.forget(true, true);
                } else {
                    long time = draw.below(World.seconds(60));
                    world.freeze(time);
                    for (SimConnection connection : connections) {
                        connection.waitForReader();
                        // Its reader and its timer wake in any order.
                        world.schedule(connection::goOn, time + draw.below(World.millis(100)));
                    }
                }
                break;
            default:
                world.trace("slow application");
                app.slowness = World.millis(draw.below(3_000));
                world.schedule(() -> app.slowness = 0, draw.below(World.seconds(20)));
        }
    }

    private void weather(SimTransport.Weather weather, World draw) {
        world.trace("weather: " + weather);
        transport.weather = weather;
        if (!transport.connections().isEmpty() && draw.chance(0.8)) {
            transport.connections().get(transport.connections().size() - 1).cut();
        }
        world.schedule(() -> transport.weather = SimTransport.Weather.FAIR, draw.below(World.seconds(20)));
    }

    /** For a while nothing goes anywhere, and the client is told. */
    private void loseNetwork(World draw) {
        world.trace("network lost");
        hurried = true;
        excusedAttempts += 2;
        for (SimConnection connection : transport.connections()) {
            if (draw.chance(0.8)) connection.forget(true, true);
        }
        transport.weather = SimTransport.Weather.SILENT;
        if (watchesNetwork && client.state() != ClientState.IDLE) transport.offlineSince = world.now();
        network.lost();
        networkLost = true;
        world.schedule(this::findNetwork, draw.below(World.seconds(20)));
    }

    private void findNetwork() {
        world.trace("network available");
        transport.weather = SimTransport.Weather.FAIR;
        transport.offlineSince = Long.MAX_VALUE;
        network.available();
        networkLost = false;
    }

    /** From one network to another; the old one may last for a little while. */
    private void changeNetwork(SimConnection newest, World draw) {
        world.trace("network changed");
        // One that is not welcomed yet is begun anew.
        transport.connections().forEach(SimConnection::excuse);
        hurried = true;
        moves++;
        if (newest != null && draw.chance(0.5)) {
            world.schedule(() -> newest.forget(true, true), draw.below(World.seconds(2)));
        }
        transport.offlineSince = Long.MAX_VALUE;
        network.changed();
        // Suppliers take their time; and where there was none, another is only one that is back.
        if (!networkLost && watchesNetwork && !plain && office == null && client.state() == ClientState.OPEN) {
            int before = transport.attempts.size();
            long changed = world.now();
            world.schedule(() -> checkMoved(before, changed), World.seconds(1));
        }
        networkLost = false;
    }

    private void checkMoved(int attemptsBefore, long changed) {
        boolean ran = world.awakeSince() <= changed;
        if (ran && client.state() == ClientState.OPEN && transport.attempts.size() == attemptsBefore) {
            throw new Violation("stays on a network that is gone");
        }
    }

    private void calm() {
        world.trace("calm");
        talking = false;
        if (server.pongDelay > 0) transport.connections().forEach(SimConnection::excuse);
        server.pongDelay = 0;
        findNetwork();
        if (office != null) {
            office.failure = 0;
            office.life = World.seconds(3_000);
        }
        app.slowness = 0;
        app.ackDelay = 0;
        for (SimConnection connection : transport.connections()) connection.goOn();
        // One that is to be connected comes back by itself, or never.
        if (!appWantsConnection || client.state() == ClientState.IDLE) connect();
        appWantsConnection = true;
        if (office != null) {
            for (int i = 1; i <= SIGN_INS; i++) world.schedule(this::signIn, World.seconds(30L * i));
        }
    }

    /** Two tokens that were revoked as soon as they were made end it; a person would sign in again, though not for ever. */
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
        if (client.state() != ClientState.OPEN || !app.hasDrained()) return false;
        List<SimConnection> connections = transport.connections();
        // A frozen process does not know yet.
        if (connections.isEmpty()) return false;
        SimConnection newest = connections.get(connections.size() - 1);
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
        if (transport.wasted) throw new Violation("attempt without a network");
        // Two during a handover.
        if (live > 2) throw new Violation(live + " live connections");
    }

    private void end() {
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
        app.checkNobodyWaits();
        app.checkOutcomes(new HashSet<>(plain ? plainServer.handled : server.handled), server.refused, !plain);
        if (!appMeddles && !abrupt && transport.healthyCancels() > 0) {
            throw new Violation(transport.healthyCancels() + " healthy connections were given up");
        }
    }

    /** Each failure's delay was kept before an attempt followed, but for the attempts that something else asked for. */
    private void checkAttempts() {
        int retries = 0;
        long delays = 0;
        for (ConnectionFailure failure : app.failures) {
            if (!failure.willRetry()) continue;
            retries++;
            delays += failure.retryIn().toNanos();
        }
        if (transport.attempts.size()
                > retries + excusedAttempts + (6 * moves) + (office == null ? 0 : 6 * office.renewals())) {
            throw new Violation(transport.attempts.size() + " attempts, " + retries + " of them announced, "
                    + excusedAttempts + " asked for");
        }
        if (!appMeddles && !hurried && app.failures.stream().allMatch(ConnectionFailure::willRetry)) {
            long first = transport.attempts.get(0);
            long last = transport.attempts.get(transport.attempts.size() - 1);
            long cutShort = World.seconds(50);
            if (last - first + cutShort < delays) {
                throw new Violation("attempts in " + (last - first) + " ns, delays of " + delays + " ns told");
            }
        }
    }

    /** How many faults were drawn. */
    int faults() {
        return faults;
    }

    World world() {
        return world;
    }

    Map<Outcome.Kind, Integer> outcomes() {
        return new EnumMap<>(app.outcomes());
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

package dev.holdfast.simulation;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One schedule of a session with subscriptions: a client and a {@link TopicServer} under faults that a seed draws, then a calm in
 * which each subscription must catch up, then the end. A subscription receives each message once and in order, a gap is reported where
 * one is missing, and nothing comes after its end.
 */
final class TopicSimulation implements HoldfastListener {
    private static final long CALM = World.seconds(300);
    private static final long END = World.seconds(60);

    private final World world;
    private final TopicServer server;
    private final Topics topics;
    private final SimTransport transport;
    private final Mishaps mishaps;
    private final TicketOffice tickets;
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final HoldfastClient client;
    private final List<Delivery> sent = new ArrayList<>();
    private boolean talking = true;
    private boolean wantsConnection = true;
    private long slowness;

    TopicSimulation(long seed, Topics.Bug bug) {
        world = new World(seed);
        server = new TopicServer(world);
        topics = new Topics(world, server, bug);
        server.client = topics;
        transport = new SimTransport(world, server);
        transport.latency = World.millis(1 + world.below(150));
        mishaps = new Mishaps(world, 0);
        tickets = world.chance(0.5) ? new TicketOffice(world, mishaps) : null;
        if (tickets != null) tickets.failure = 0.3;
        transport.tickets = tickets;
        ClientProcess process = new ClientProcess(world);
        Environment environment = new Environment(
                world.ticker, world.wall, process, process, new Random(seed), new Random(seed + 1), transport);
        HoldfastClientBuilder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.of(() -> topics))
                .backoff(Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(8)))
                .heartbeat(Heartbeat.every(Duration.ofNanos(World.millis(500 + world.below(10_000))))
                        .withDeadline(Duration.ofSeconds(3)))
                .inboundLimitBytes(world.chance(0.5) ? 500 : 100_000)
                .callbackExecutor(task -> process.schedule(task, world.below(slowness)))
                .networkMonitor(network)
                .listener(this);
        if (tickets != null) builder.endpointProvider(tickets);
        client = builder.build();
    }

    /** Runs the schedule. Throws a {@link Violation} where an invariant does not hold. */
    void run() {
        long faultsEnd = World.seconds(20 + world.below(60));
        client.connect();
        talk(this::act, 700);
        talk(() -> server.publish("t" + world.below(TopicServer.TOPICS)), 200);
        int faults = (int) world.below(20);
        for (int i = 0; i < faults; i++) world.schedule(this::fault, world.below(faultsEnd));
        runUntil(faultsEnd, false);
        calm();
        if (!runUntil(world.now() + CALM, true)) {
            throw new Violation("not well after a long calm: " + client.state() + " " + topics);
        }
        end();
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

    private void act() {
        switch ((int) world.below(10)) {
            case 0:
            case 1:
            case 2:
                topics.subscribe();
                break;
            case 3:
            case 4:
                topics.unsubscribe();
                break;
            case 5:
                if (!world.chance(0.2)) break;
                wantsConnection = !wantsConnection;
                world.trace("application " + (wantsConnection ? "connects" : "disconnects"));
                if (wantsConnection) client.connect();
                else client.disconnect();
                break;
            default:
                sent.add(client.send(String.valueOf(sent.size())));
        }
    }

    private void fault() {
        List<SimConnection> connections = transport.connections();
        SimConnection newest = connections.isEmpty() ? null : connections.get(connections.size() - 1);
        int what = (int) world.below(11);
        world.trace("fault " + what);
        switch (what) {
            case 0:
            case 1:
                if (newest != null) newest.cut();
                break;
            case 2:
                if (newest != null) newest.forget(true, true);
                break;
            case 3:
                if (newest == null) break;
                newest.hold(true, world.chance(0.5));
                world.schedule(newest::goOn, world.below(World.seconds(12)));
                break;
            case 4:
                transport.weather = SimTransport.Weather.REFUSED;
                if (newest != null) newest.cut();
                world.schedule(() -> transport.weather = SimTransport.Weather.FAIR, world.below(World.seconds(20)));
                break;
            case 5:
                server.closeAll(world.chance(0.5) ? 1001 : 1012);
                break;
            case 6:
            case 7:
                world.trace("server trims");
                server.trim();
                if (newest != null && world.chance(0.7)) newest.cut();
                break;
            case 8:
                long frozen = world.below(World.seconds(30));
                world.freeze(frozen);
                for (SimConnection connection : connections) {
                    connection.waitForReader();
                    world.schedule(connection::goOn, frozen + world.below(World.millis(100)));
                }
                break;
            case 9:
                slowness = World.millis(world.below(3_000));
                server.answerDelay = World.seconds(1 + world.below(8));
                world.schedule(this::mend, world.below(World.seconds(20)));
                break;
            default:
                network.changed();
        }
    }

    private void mend() {
        slowness = 0;
        server.answerDelay = 0;
    }

    private void calm() {
        world.trace("calm");
        talking = false;
        mend();
        transport.weather = SimTransport.Weather.FAIR;
        transport.connections().forEach(SimConnection::goOn);
        if (tickets != null) tickets.failure = 0;
        wantsConnection = true;
        client.connect();
        publishToAll();
    }

    /** What is published reaches each subscription that goes on. */
    private void publishToAll() {
        for (int i = 0; i < TopicServer.TOPICS; i++) server.publish("t" + i);
        if (!client.state().equals(ClientState.CLOSED)) world.schedule(this::publishToAll, World.seconds(20));
    }

    private boolean runUntil(long end, boolean untilWell) {
        while (true) {
            boolean stepped = world.step(end);
            if (untilWell && isWell()) return true;
            if (!stepped) return !untilWell;
        }
    }

    private boolean isWell() {
        List<SimConnection> connections = transport.connections();
        if (connections.isEmpty() || client.state() != ClientState.OPEN) return false;
        return topics.areUpToDate(connections.get(connections.size() - 1)) && haveEnded();
    }

    private boolean haveEnded() {
        for (Delivery delivery : sent) if (delivery.outcomeNow() == null) return false;
        return true;
    }

    private void end() {
        client.close();
        runUntil(Math.max(world.now(), world.awakeSince()) + END, false);
        if (client.state() != ClientState.CLOSED) throw new Violation("not closed: " + client.state());
        if (!transport.connections().isEmpty()) throw new Violation("connections left: " + transport.connections());
        for (int i = 0; i < sent.size(); i++) {
            Outcome outcome = sent.get(i).outcomeNow();
            boolean handled = server.handled.contains(String.valueOf(i));
            if (outcome == null) throw new Violation("message " + i + " has no outcome");
            if (outcome.kind() == Outcome.Kind.ACKNOWLEDGED && !handled) {
                throw new Violation("message " + i + " is acknowledged, and the server does not have it");
            }
            if (outcome.kind() == Outcome.Kind.CANCELLED && handled) {
                throw new Violation("message " + i + " is cancelled, and the server has it");
            }
        }
    }

    // ---- callbacks ----

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        topics.isOpen = state == ClientState.OPEN;
        // A person connects again when the client has stopped.
        if (state == ClientState.IDLE && wantsConnection) world.schedule(client::connect, World.seconds(3));
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        topics.isOpen = false;
    }

    World world() {
        return world;
    }

    Topics topics() {
        return topics;
    }

    /** The uncaught exception handler of the threads of this world. */
    void uncaught(Throwable thrown) {
        world.fail(thrown);
    }
}

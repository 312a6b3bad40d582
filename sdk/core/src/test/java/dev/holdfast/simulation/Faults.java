package dev.holdfast.simulation;

import dev.holdfast.ClientState;
import dev.holdfast.ManualNetworkMonitor;
import java.util.Arrays;
import java.util.List;

/** The faults of a schedule. Each fault draws from a world of its own, so that the others stay the same without it. */
final class Faults {
    private interface Fault {
        /** @param newest the newest connection, null if there is none */
        void happen(SimConnection newest, World draw);
    }

    /** How long a process stays away after its death. */
    private static final long MAX_ABSENCE = World.seconds(5);
    /** The clock may be set forward by that much in all, which no client must take for sleep. */
    static final long MAX_FORWARD = World.seconds(4);
    /** A client without an elapsed clock takes no shorter sleep for one. */
    private static final long MIN_SLEEP = World.seconds(6);
    /** The client has looked at its clocks again so long after a sleep. */
    private static final long SETTLED = World.seconds(60);

    private final Simulation simulation;
    private final World world;
    private final ModelServer server;
    private final PlainServer plainServer;
    private final SimTransport transport;
    private final ClientApp app;
    private final Outgoing outgoing;
    private final Attempts attempts;
    private final ManualNetworkMonitor network;
    private long setForward;
    private long sleptAt = -SETTLED;

    private final List<Fault> faults = Arrays.asList(
            this::cut,
            this::cut,
            this::blackHole,
            this::stall,
            (newest, draw) -> weather(SimTransport.Weather.REFUSED, draw),
            (newest, draw) -> weather(SimTransport.Weather.SILENT, draw),
            this::overload,
            (newest, draw) -> server().restart(true),
            (newest, draw) -> server().restart(false),
            this::forget,
            this::drain,
            this::close,
            this::loseNetwork,
            this::changeNetwork,
            this::changeNetwork,
            this::revokeTokens,
            this::sleep,
            this::freeze,
            this::slowApplication,
            this::rollBack,
            this::zombie,
            this::poison,
            this::die,
            this::die,
            this::withhold,
            this::babble,
            this::refuseLate,
            this::slowAcknowledgements,
            this::setClock);

    Faults(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world;
        this.server = simulation.server;
        this.plainServer = simulation.plainServer;
        this.transport = simulation.transport;
        this.app = simulation.app;
        this.outgoing = simulation.outgoing;
        this.attempts = simulation.attempts;
        this.network = simulation.network;
    }

    private ModelServer server() {
        return server;
    }

    /** One fault happens. */
    void happen(World draw) {
        List<SimConnection> connections = transport.connections();
        SimConnection newest = connections.isEmpty() ? null : connections.get(connections.size() - 1);
        faults.get((int) draw.below(faults.size())).happen(newest, draw);
    }

    // ---- the network ----

    private void cut(SimConnection newest, World draw) {
        if (newest == null) return;
        world.trace("cut");
        newest.cut();
    }

    private void blackHole(SimConnection newest, World draw) {
        if (newest == null) return;
        boolean upward = draw.chance(0.7);
        boolean downward = !upward || draw.chance(0.7);
        world.trace("black hole" + (upward ? ", up" : "") + (downward ? ", down" : ""));
        newest.forget(upward, downward);
        // TCP's own acknowledgements are lost as well, so the other direction dries up.
        world.schedule(() -> newest.forget(true, true), draw.below(World.seconds(3)));
    }

    /** The server sends and does not read any more, or the path drops only what the client sends. */
    private void zombie(SimConnection newest, World draw) {
        // Without acknowledgements nothing is missing, and a server that pings by itself is asked for no pong.
        if (newest == null || simulation.plain || server.pingInterval > 0) return;
        boolean onlyPings = draw.chance(0.5);
        String what = onlyPings ? "zombie that pings" : "zombie";
        world.trace(what);
        world.happened(what);
        if (onlyPings) {
            newest.onlyPing(World.millis(500) + draw.below(World.seconds(3)));
        } else {
            newest.forget(true, false);
        }
    }

    private void stall(SimConnection newest, World draw) {
        if (newest == null) return;
        world.trace("stall");
        newest.hold(draw.chance(0.6), draw.chance(0.6));
        world.schedule(newest::goOn, draw.below(World.seconds(12)));
    }

    private void weather(SimTransport.Weather weather, World draw) {
        world.trace("weather: " + weather);
        transport.weather = weather;
        if (!transport.connections().isEmpty() && draw.chance(0.8)) {
            transport.connections().get(transport.connections().size() - 1).cut();
        }
        world.schedule(() -> transport.weather = SimTransport.Weather.FAIR, draw.below(World.seconds(20)));
    }

    private void overload(SimConnection newest, World draw) {
        transport.retryAfter = draw.chance(0.5) ? World.seconds(3) : World.seconds(3 + draw.below(57));
        weather(SimTransport.Weather.UNAVAILABLE, draw);
    }

    /** For a while nothing goes anywhere, and the client hears of it. */
    private void loseNetwork(SimConnection newest, World draw) {
        world.trace("network lost");
        simulation.excusedAttempts += 2;
        simulation.networkChanges();
        for (SimConnection connection : transport.connections()) {
            if (draw.chance(0.8)) connection.forget(true, true);
        }
        transport.weather = SimTransport.Weather.SILENT;
        if (simulation.watchesNetwork && simulation.state() != ClientState.IDLE) transport.offlineSince = world.now();
        network.lost();
        simulation.networkLost = true;
        world.schedule(this::findNetwork, draw.below(World.seconds(20)));
    }

    void findNetwork() {
        world.trace("network available");
        transport.weather = SimTransport.Weather.FAIR;
        transport.offlineSince = Long.MAX_VALUE;
        simulation.networkChanges();
        network.available();
        simulation.networkLost = false;
    }

    /** From one network to another; the old one may last for a little while. */
    private void changeNetwork(SimConnection newest, World draw) {
        world.trace("network changed");
        // One that is not welcomed yet is begun anew.
        transport.connections().forEach(SimConnection::excuse);
        simulation.moves++;
        simulation.networkChanges();
        if (newest != null && draw.chance(0.5)) {
            world.schedule(() -> newest.forget(true, true), draw.below(World.seconds(2)));
        }
        transport.offlineSince = Long.MAX_VALUE;
        network.changed();
        simulation.expectMove();
        simulation.networkLost = false;
    }

    // ---- the server ----

    private void forget(SimConnection newest, World draw) {
        if (draw.chance(0.5)) {
            server.expireAll();
        } else {
            server.trimAll();
            plainServer.trim();
        }
    }

    private void rollBack(SimConnection newest, World draw) {
        server.rollBack(1 + draw.below(10));
    }

    private void drain(SimConnection newest, World draw) {
        simulation.moves++;
        server.drain(draw.below(3_000));
    }

    private void close(SimConnection newest, World draw) {
        int[] codes = {1000, 1001, 1011, 1012, 1013, 4429};
        int code = codes[(int) draw.below(codes.length)];
        server.closeAll(code, "");
        plainServer.closeAll(code);
    }

    /** One message ends each connection that it is sent on. */
    private void poison(SimConnection newest, World draw) {
        if (simulation.plain) return;
        if (draw.chance(0.5)) {
            server.poisonNext();
        } else {
            server.limitMessages(Outgoing.MAX_SMALL, draw.chance(0.5) ? 4413 : 1009, draw.chance(0.5));
            simulation.sendLarge();
        }
    }

    private void withhold(SimConnection newest, World draw) {
        if (server.pongDelay > 0) return;
        server.withhold(draw.below(World.seconds(40)));
        if (newest != null && draw.chance(0.8)) newest.cut();
    }

    private void babble(SimConnection newest, World draw) {
        boolean goesOn = draw.chance(0.5);
        server.babble(goesOn);
        if (goesOn) world.schedule(server::stopBabbling, draw.below(World.seconds(20)));
    }

    private void slowAcknowledgements(SimConnection newest, World draw) {
        if (server.pongDelay > 0) return;
        world.trace("server acknowledges slowly");
        server.ackDelay = draw.below(World.seconds(30));
        world.schedule(this::mendAcknowledgements, draw.below(World.seconds(20)));
    }

    void mendAcknowledgements() {
        server.acknowledgePromptly();
    }

    // ---- credentials ----

    private void revokeTokens(SimConnection newest, World draw) {
        if (simulation.office != null) server.revokeTokens();
    }

    private void refuseLate(SimConnection newest, World draw) {
        if (simulation.office == null) return;
        world.trace("server welcomes and then refuses credentials");
        world.happened("credential refused late");
        server.refusesLate = plainServer.refusesLate = true;
        if (newest != null) newest.cut();
        world.schedule(this::acceptCredentials, draw.below(World.seconds(20)));
    }

    void acceptCredentials() {
        server.refusesLate = plainServer.refusesLate = false;
    }

    // ---- the device ----

    private void sleep(SimConnection newest, World draw) {
        world.sleep(MIN_SLEEP + draw.below(World.seconds(200)));
        sleptAt = world.now();
        // A credential that has expired meanwhile costs the connection that was opened with it.
        transport.connections().forEach(SimConnection::excuse);
        outgoing.slept(simulation.lookAtClock());
        if (newest != null && draw.chance(0.5)) newest.forget(true, true);
    }

    private void freeze(SimConnection newest, World draw) {
        long time = draw.below(World.seconds(60));
        world.freeze(time);
        for (SimConnection connection : transport.connections()) {
            connection.waitForReader();
            // Its reader and its timer wake in any order.
            world.schedule(connection::goOn, time + draw.below(World.millis(100)));
        }
    }

    /** Somebody sets the clock, or NTP does. A device that sleeps at the same time is another matter. */
    private void setClock(SimConnection newest, World draw) {
        if (world.now() < sleptAt + SETTLED) return;
        boolean back = draw.chance(0.5);
        long step = back ? -draw.below(World.seconds(3_600)) : draw.below(MAX_FORWARD - setForward);
        if (!back) setForward += step;
        world.happened("clock set");
        world.setWall(step);
        if (!back || simulation.hasElapsedClock) return;
        // A sleep that the client has not seen yet hides behind the step, or the next one does.
        outgoing.mayExpireLate = true;
        attempts.mayErr = true;
        if (simulation.office != null) simulation.office.mayErr = true;
    }

    private void slowApplication(SimConnection newest, World draw) {
        world.trace("slow application");
        app.slowness = World.millis(draw.below(3_000));
        world.schedule(() -> app.slowness = 0, draw.below(World.seconds(20)));
    }

    /** The process takes a snapshot, goes on for a while, and is killed. Another restores that snapshot, or an older one. */
    private void die(SimConnection newest, World draw) {
        if (simulation.plain && !simulation.durable) return;
        if (draw.chance(0.8)) simulation.save();
        boolean older = draw.chance(0.2);
        boolean flushes = draw.chance(0.5);
        long absence = draw.below(MAX_ABSENCE);
        world.schedule(
                () -> simulation.die(older, flushes, absence), draw.chance(0.3) ? 0 : draw.below(World.seconds(8)));
    }
}

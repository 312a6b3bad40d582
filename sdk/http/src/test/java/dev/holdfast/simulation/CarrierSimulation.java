package dev.holdfast.simulation;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.http.SimulatedCarriers;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One schedule of a session over both carriers: WebSockets that are allowed and blocked in turn, and the real classes of HTTP through an
 * {@link HttpNetwork}, under faults that a seed draws. Then a calm in which everything must come right, then the end.
 */
public final class CarrierSimulation {
    private enum WebSockets {
        ALLOWED,
        /** Something answers the upgrade with a status of its own. */
        REFUSED,
        /** Nothing answers the upgrade. */
        UNANSWERED,
        /** They open and carry nothing. */
        MUTE
    }

    private static final long CALM = World.seconds(300);
    private static final long END = World.seconds(90);
    private static final long CONNECT_TIMEOUT = World.seconds(15);
    private static final int QUEUE_BYTES = 4_000;
    /** The connection's low mark and a message. */
    private static final int QUEUE_SLACK = 64 * 1024 + 1_000;

    private final World world;
    private final ModelServer server;
    private final HttpFront front;
    private final HttpNetwork http;
    private final Turns turns;
    private final Outgoing outgoing;
    private final ClientApp app;
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final HoldfastClient client;
    private final ClientProcess process;
    private final CarrierBug bug;
    private final List<SimConnection> webSocketConnections = new ArrayList<>();
    private final long latency;
    private final long faultsEnd;
    private WebSockets webSockets = WebSockets.ALLOWED;
    private boolean isDown;
    private boolean talking = true;
    private boolean wantsConnection = true;
    /** Whether the connection that was closed last was one over HTTP. */
    private boolean takenOverHttp;

    private int attempts;
    private int overHttp;
    /** The connection over HTTP that heard something last. */
    private @Nullable Watched lastOverHttp;

    /** @param turns serves one schedule after another */
    CarrierSimulation(long seed, CarrierBug bug, Turns turns) {
        this.bug = bug;
        this.turns = turns;
        world = new World(seed);
        server = new ModelServer(world);
        front = new HttpFront(world, server, bug);
        http = new HttpNetwork(world, turns, front, bug);
        process = new ClientProcess(world);
        turns.begin(process, world::fail);
        latency = World.millis(1 + world.below(100));
        http.latency = latency;
        outgoing = new Outgoing(world);
        Mishaps mishaps = new Mishaps(world, 0);
        app = new ClientApp(world, false, outgoing, mishaps);
        app.acksByHand = world.chance(0.2);
        app.isForgotten = server::hasForgotten;
        app.onFailure = failure -> {
            if (failure.closeCode() == 4409) {
                String carrier = takenOverHttp ? "HTTP" : "a WebSocket";
                world.happened("session over " + carrier + " taken by an opening of its own that came late");
            }
            if (failure.phase() == Phase.CONFIGURATION || failure.message().contains("broke the")) {
                world.fail(new Violation("the server kept to the protocol, and yet: " + failure));
            }
        };
        server.padding = outgoing.padding = world.chance(0.2) ? 1_000 : 20;
        server.window = world.chance(0.2) ? 1 + (int) world.below(20) : Integer.MAX_VALUE;
        server.closeDelay = world.chance(0.2) ? World.millis(world.below(2_000)) : 0;
        server.refusal = world.chance(0.2) ? 0.05 : 0;
        server.ackObserver = app::checkAcknowledged;
        server.handledObserver = outgoing::checkOrder;
        server.isKnownAcknowledged = outgoing::isKnownAcknowledged;
        http.doubling = world.chance(0.6) ? 0.2 * world.random.nextDouble() : 0;
        http.loss = world.chance(0.6) ? 0.15 * world.random.nextDouble() : 0;
        http.lateness = world.chance(0.4) ? 0.1 * world.random.nextDouble() : 0;
        http.holdsBack = world.chance(0.2);
        http.onTaken = seq -> {
            if (lastOverHttp != null && seq > 0) lastOverHttp.acknowledge(seq);
        };
        webSockets = drawWebSockets();
        faultsEnd = World.seconds(20 + world.below(60));

        Environment environment = new Environment(
                world.ticker, world.wall, process, process, new Random(seed), new Random(seed + 1), new Carrier(seed));
        OutboundQueue queue = OutboundQueue.ofBytes(QUEUE_BYTES).withMaxMessages(200);
        if (world.chance(0.3)) {
            queue = queue.withBatching(Duration.ofMillis(world.below(300)));
            server.batch = (int) world.below(10);
        }
        Session session = Session.resumable();
        HoldfastClientBuilder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(app.acksByHand ? session.withManualAcks() : session)
                .backoff(Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(8)))
                .heartbeat(Heartbeat.every(Duration.ofNanos(World.millis(500 + world.below(15_000))))
                        .withDeadline(Duration.ofNanos(World.millis(2_000 + world.below(8_000)))))
                .queue(queue)
                .inboundLimitBytes(world.chance(0.5) ? 500 : 100_000)
                .callbackExecutor(app.callbackExecutor(process))
                .networkMonitor(network)
                .addEventListener(new HoldfastEventListener() {
                    @Override
                    public void onState(ClientState state) {
                        stateIs(state);
                    }
                })
                .listener(app);
        client = builder.build();
        app.use(client, process);
    }

    private WebSockets drawWebSockets() {
        WebSockets[] all = WebSockets.values();
        return world.chance(0.2) ? WebSockets.ALLOWED : all[(int) world.below(all.length)];
    }

    private void stateIs(ClientState state) {
        // A person connects again when the client has stopped.
        if (state == ClientState.IDLE && wantsConnection) {
            world.schedule(
                    () -> {
                        if (wantsConnection) client.connect();
                    },
                    World.seconds(3));
        }
    }

    /** Runs the schedule. Throws a {@link Violation} if an invariant does not hold. */
    void run() {
        try {
            client.connect();
            talk(this::act, 250);
            talk(server::sendToAll, 250);
            int faults = (int) world.below(20);
            for (int i = 0; i < faults; i++) world.schedule(this::fault, world.below(faultsEnd));
            runUntil(faultsEnd, false);
            calm();
            if (!runUntil(world.now() + CALM, true)) {
                throw new Violation("not well after a long calm: " + client.state() + ", " + client.bufferedAmount()
                        + " bytes buffered, outcomes " + outgoing.outcomes() + ", sessions " + server);
            }
            end();
        } finally {
            turns.stop();
        }
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
        int burst = world.chance(0.05) ? 40 : 1;
        for (int i = 0; i < burst; i++) outgoing.send();
        if (world.chance(0.003)) {
            wantsConnection = !wantsConnection;
            world.trace("application " + (wantsConnection ? "connects" : "disconnects"));
            if (wantsConnection) client.connect();
            else client.disconnect();
        }
    }

    private void fault() {
        int what = (int) world.below(16);
        world.trace("fault " + what);
        switch (what) {
            case 0:
            case 1:
            case 2:
                webSockets = drawWebSockets();
                world.trace("WebSockets are " + webSockets);
                if (webSockets != WebSockets.ALLOWED && world.chance(0.7))
                    openWebSockets().forEach(SimConnection::cut);
                break;
            case 3:
                openWebSockets().forEach(SimConnection::cut);
                break;
            case 4:
                openWebSockets().forEach(c -> c.forget(true, true));
                http.swallowAll();
                break;
            case 5:
                http.cutAll();
                break;
            case 6:
                front.cutAll();
                break;
            case 7:
                HttpNetwork.Weather[] all = HttpNetwork.Weather.values();
                http.weather = all[(int) world.below(all.length)];
                isDown = http.weather == HttpNetwork.Weather.REFUSED && world.chance(0.5);
                if (world.chance(0.7)) http.cutAll();
                world.schedule(this::mendWeather, world.below(World.seconds(20)));
                break;
            case 8:
                http.holdsBack = !http.holdsBack;
                break;
            case 9:
                server.restart(world.chance(0.7));
                break;
            case 10:
                if (world.chance(0.5)) server.expireAll();
                else server.trimAll();
                break;
            case 11:
                server.drain(world.below(3_000));
                break;
            case 12:
                int[] codes = {1000, 1001, 1011, 1012, 1013, 4429};
                server.closeAll(codes[(int) world.below(codes.length)], "");
                break;
            case 13:
                app.slowness = World.millis(world.below(3_000));
                world.schedule(() -> app.slowness = 0, world.below(World.seconds(20)));
                break;
            default:
                webSockets = drawWebSockets();
                world.trace("another network, WebSockets are " + webSockets);
                if (world.chance(0.5)) {
                    openWebSockets().forEach(c -> c.forget(true, true));
                    http.swallowAll();
                }
                network.changed();
        }
    }

    private void mendWeather() {
        http.weather = HttpNetwork.Weather.FAIR;
        isDown = false;
    }

    private List<SimConnection> openWebSockets() {
        webSocketConnections.removeIf(SimConnection::isEnded);
        return new ArrayList<>(webSocketConnections);
    }

    private void calm() {
        world.trace("calm, WebSockets are " + webSockets);
        talking = false;
        mendWeather();
        http.doubling = 0;
        http.loss = 0;
        http.lateness = 0;
        app.slowness = 0;
        app.ackDelay = 0;
        wantsConnection = true;
        client.connect();
    }

    /** Returns early, with true, if {@code untilWell} and all is well. */
    private boolean runUntil(long end, boolean untilWell) {
        while (true) {
            boolean stepped = world.step(end);
            app.checkAmounts(QUEUE_BYTES, QUEUE_SLACK);
            if (untilWell && isWell()) return true;
            if (!stepped) return !untilWell;
        }
    }

    private boolean isWell() {
        if (client.state() != ClientState.OPEN || app.isPressed() || !outgoing.hasDrained()) return false;
        List<SimConnection> ends = openWebSockets();
        ends.addAll(front.connections());
        // An opening whose answer was lost may leave a session behind that the client has never heard of.
        SimConnection last = null;
        for (SimConnection end : ends) {
            if (!server.sentOver(end).isEmpty() && (last == null || end.begun > last.begun)) last = end;
        }
        return last != null && app.hasHandledAll(server.sentOver(last));
    }

    private void end() {
        world.trace("application closes");
        wantsConnection = false;
        if (world.chance(0.7)) client.close();
        else client.cancel();
        runUntil(world.now() + END, false);
        if (!app.isClosed() || client.state() != ClientState.CLOSED) {
            throw new Violation("not closed: " + client.state());
        }
        if (client.bufferedAmount() != 0) throw new Violation("closed with bufferedAmount " + client.bufferedAmount());
        if (!openWebSockets().isEmpty()) throw new Violation("connections left: " + webSocketConnections);
        if (http.underWay() > 0) throw new Violation(http.underWay() + " calls left");
        if (turns.waiting() > 0) throw new Violation(turns.waiting() + " tasks left");
        outgoing.checkNobodyWaits();
        outgoing.checkOutcomes(server.everHandled, server.refused, true);
    }

    World world() {
        return world;
    }

    ClientApp app() {
        return app;
    }

    int attempts() {
        return attempts;
    }

    int overHttp() {
        return overHttp;
    }

    int polls() {
        return front.polls;
    }

    int streams() {
        return front.streams;
    }

    // ---- the carriers ----

    /** Both carriers, as the client has them. */
    private final class Carrier implements Transport {
        private final long seed;
        private @Nullable Transport both;

        Carrier(long seed) {
            this.seed = seed;
        }

        @Override
        public Transport with(@Nullable String subprotocol, ConnectionSettings settings) {
            OkHttpTransport shared = new OkHttpTransport(
                    http.client(),
                    subprotocol,
                    settings,
                    task -> process.schedule(() -> turns.run(task), world.below(2_000)),
                    process,
                    world.ticker,
                    new Random(seed + 2));
            both = SimulatedCarriers.webSocketThenHttp(
                    shared, CarrierSimulation.this::openWebSocket, World.millis(500 + world.below(10_000)));
            return this;
        }

        @Override
        public Connection open(Request request, ConnectionListener listener) {
            attempts++;
            Watched watched = new Watched(listener);
            watched.connection = both.open(request, watched);
            return watched;
        }

        @Override
        public void onNetworkChanged() {
            both.onNetworkChanged();
        }
    }

    private Connection openWebSocket(Request request, ConnectionListener listener) {
        SimConnection connection = new SimConnection(
                world,
                webSocketConnections.size() + 1_000L * attempts,
                request,
                1 + world.below(latency),
                listener,
                server,
                () -> {});
        webSocketConnections.add(connection);
        long roundTrip = world.below(2 * latency);
        if (isDown) {
            fail(connection, TransportException.of(Phase.TCP, "connection refused", null), roundTrip);
            return connection;
        }
        switch (webSockets) {
            case ALLOWED:
                world.schedule(connection::open, roundTrip);
                break;
            case REFUSED:
                int[] codes = {200, 403, 426, 502};
                int code = codes[(int) world.below(codes.length)];
                fail(connection, TransportException.refused(code, 0, "HTTP " + code), roundTrip);
                break;
            case UNANSWERED:
                fail(connection, TransportException.of(Phase.UPGRADE, "no answer", null), CONNECT_TIMEOUT);
                break;
            default:
                world.schedule(
                        () -> {
                            connection.hold(true, true);
                            connection.open();
                        },
                        roundTrip);
                world.schedule(connection::cut, roundTrip + 1 + world.below(World.seconds(3)));
        }
        return connection;
    }

    private void fail(SimConnection connection, TransportException why, long delay) {
        world.schedule(() -> connection.fail(why), delay);
    }

    /** A connection as the client sees it. While reading is paused, a task that reads waits here, not in earnest. */
    private final class Watched implements Connection, ConnectionListener {
        private final ConnectionListener listener;
        private final Turns.Signal resumed = turns.new Signal();
        private @Nullable Connection connection;
        private boolean reading = true;
        private boolean opened;

        Watched(ConnectionListener listener) {
            this.listener = listener;
        }

        // ---- from the carrier ----

        @Override
        public void onResponse(Response response) {
            listener.onResponse(response);
        }

        @Override
        public void onOpen(Connection from) {
            connection = from;
            opened = true;
            if (from.isOverHttp()) overHttp++;
            world.trace("opened over " + (from.isOverHttp() ? "HTTP" : "a WebSocket"));
            listener.onOpen(this);
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            if (isOverHttp()) lastOverHttp = this;
            listener.onText(text);
        }

        @Override
        public void onBinary(ByteString bytes) {
            listener.onBinary(bytes);
        }

        @Override
        public void onPong(ByteString payload) {
            listener.onPong(payload);
        }

        @Override
        public void onWaiting() {
            listener.onWaiting();
            if (!turns.isTurn()) return;
            http.onLastCancelled(resumed::set);
            while (!reading && !http.isLastCancelled()) resumed.await();
        }

        @Override
        public void onWritten(int messages) {
            listener.onWritten(messages);
        }

        @Override
        public void onPingWritten() {
            listener.onPingWritten();
        }

        @Override
        public void onMoveWanted() {
            world.happened("back to a WebSocket");
            listener.onMoveWanted();
        }

        @Override
        public void onClosing(CloseStatus status) {
            listener.onClosing(status);
        }

        @Override
        public void onClosed(CloseStatus status) {
            takenOverHttp = isOverHttp();
            listener.onClosed(status);
        }

        @Override
        public void onFailed(TransportException failure) {
            if (bug == CarrierBug.END_UNREPORTED && opened && isOverHttp() && world.chance(0.2)) return;
            listener.onFailed(failure);
        }

        /** With a bug: what was taken counts as acknowledged. */
        void acknowledge(long seq) {
            try {
                listener.onText(Texts.text("{\"t\":\"ack\",\"c\":" + seq + "}"));
            } catch (ProtocolViolation e) {
                throw new AssertionError(e);
            }
        }

        // ---- from the client ----

        @Override
        public boolean sendText(String text, long utf8Length) {
            return connection.sendText(text, utf8Length);
        }

        @Override
        public boolean sendBinary(ByteString bytes) {
            return connection.sendBinary(bytes);
        }

        @Override
        public void sendPing(ByteString payload) {
            connection.sendPing(payload);
        }

        @Override
        public boolean close(CloseStatus status) {
            return connection.close(status);
        }

        @Override
        public void cancel() {
            connection.cancel();
        }

        @Override
        public void setReading(boolean allowed) {
            reading = allowed;
            connection.setReading(allowed);
            if (allowed) resumed.set();
        }

        @Override
        public boolean areSecretsWithheld() {
            return connection.areSecretsWithheld();
        }

        @Override
        public boolean isOverHttp() {
            return connection.isOverHttp();
        }

        @Override
        public long lastInboundAt() {
            return connection.lastInboundAt();
        }

        @Override
        public long lastControlFrameAt() {
            return connection.lastControlFrameAt();
        }

        @Override
        public long lastOutboundAt() {
            return connection.lastOutboundAt();
        }
    }
}

package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.ClientState;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.http.SimulatedCarriers;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import java.time.Duration;
import java.util.Random;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The requests and wake-ups of idle clients over HTTP, in simulated time.
 *
 * <p>A wake-up is a moment at which a timer of the client fires or something comes to it: a comment, a pong, an answer. What
 * happens within a second belongs to the same wake-up.
 */
class HttpIdleTest {
    private static final long HOURS = 2;
    private static final long SECONDS = HOURS * 3600;

    /** A client that is open, and counts of what it does from then on. */
    private static final class Counted implements AutoCloseable {
        private final World world = new World(1);
        private final Turns turns = new Turns();
        private final ClientProcess process = new ClientProcess(world);
        private final ModelServer server = new ModelServer(world);
        private final HttpFront front = new HttpFront(world, server, CarrierBug.NONE);
        private final HttpNetwork network = new HttpNetwork(world, turns, front, CarrierBug.NONE);
        private final HoldfastClient client;
        private long wokenAt;
        int wakeUps;
        int requests;

        /** @param way {@code WebSocket}, {@code stream} or {@code polls} */
        Counted(String way, Duration interval) {
            boolean overHttp = !way.equals("WebSocket");
            Environment environment = new Environment(
                    world.ticker,
                    world.wall,
                    (task, delay) -> process.schedule(() -> timer(task), delay),
                    process,
                    new Random(1),
                    new Random(1),
                    overHttp ? new Http() : this::webSocket);
            network.latency = World.millis(1);
            front.slowness = 0;
            network.holdsBack = way.equals("polls");
            network.onArrival = this::woken;
            client = TestHooks.in(environment, HoldfastClient.builder("ws://idle.example/"))
                    .session(Session.resumable())
                    .heartbeat(Heartbeat.every(interval))
                    .build();
            turns.begin(process, world::fail);
            client.connect();
            run(World.seconds(10));
            assertEquals(ClientState.OPEN, client.state());
            wakeUps = 0;
            requests = 0;
        }

        void run(long nanos) {
            long end = world.now() + nanos;
            while (world.step(end)) {
                // On to the next.
            }
        }

        private void timer(Runnable task) {
            woken();
            task.run();
        }

        private void woken() {
            if (world.now() - wokenAt < World.seconds(1)) return;
            wokenAt = world.now();
            wakeUps++;
        }

        private Connection webSocket(Request request, ConnectionListener listener) {
            SimConnection connection =
                    new SimConnection(world, 1, request, World.millis(1), listener, server, () -> {});
            world.schedule(connection::open, World.millis(1));
            return connection;
        }

        @Override
        public void close() {
            assertEquals(ClientState.OPEN, client.state());
            turns.stop();
            turns.end();
        }

        private final class Http implements Transport {
            private @Nullable Transport http;

            @Override
            public Transport with(@Nullable String subprotocol, ConnectionSettings settings) {
                OkHttpClient.Builder client = network.client().newBuilder();
                client.interceptors().add(0, chain -> {
                    requests++;
                    return chain.proceed(chain.request());
                });
                http = SimulatedCarriers.httpOnly(new OkHttpTransport(
                        client.build(),
                        subprotocol,
                        settings,
                        task -> process.schedule(() -> turns.run(task), 0),
                        (task, delay) -> process.schedule(() -> timer(task), delay),
                        world.ticker,
                        new Random(1)));
                return this;
            }

            @Override
            public Connection open(Request request, ConnectionListener listener) {
                return http.open(request, listener);
            }
        }
    }

    /** Within the interval a ping is due before the server would say something by itself. So its comments wake nobody. */
    @ParameterizedTest
    @CsvSource({"5, stream", "20, stream", "5, polls", "20, polls"})
    void idleCostsOneOpenRequestAndNoMoreWakeUpsThanTheHeartbeatOfAWebSocket(int seconds, String way) {
        Duration interval = Duration.ofSeconds(seconds);
        try (Counted webSocket = new Counted("WebSocket", interval);
                Counted http = new Counted(way, interval)) {
            webSocket.run(World.seconds(SECONDS));
            http.run(World.seconds(SECONDS));
            assertEquals(1, http.network.underWay());
            double pings = (double) SECONDS / seconds;
            assertEquals(pings, webSocket.wakeUps, 1);
            assertEquals(pings, http.wakeUps, 1);
            // A request for each ping, and where the client polls, another one that takes the place of the answered
            // one.
            assertEquals(way.equals("polls") ? 2 * pings : pings, http.requests, 2);
        }
    }

    /** Its own timers wait for as long as the server says something. A poll is a request for each answer. */
    @ParameterizedTest
    @CsvSource({"60, stream, 0", "60, polls, 2.4"})
    void aClientThatPingsSeldomIsWokenByTheServerAlone(int seconds, String way, double requestsAMinute) {
        try (Counted http = new Counted(way, Duration.ofSeconds(seconds))) {
            http.run(World.seconds(SECONDS));
            assertEquals(1, http.network.underWay());
            assertEquals(SECONDS / 25.0, http.wakeUps, 1);
            assertEquals(SECONDS / 60.0 * requestsAMinute, http.requests, 1);
        }
    }
}

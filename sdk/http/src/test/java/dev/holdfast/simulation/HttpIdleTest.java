package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** The requests and wake-ups of idle clients over HTTP, in simulated time. */
class HttpIdleTest {
    private static final long HOURS = 2;

    /** The time after which the server sends a comment, see {@link HttpFront}. */
    private static final long COMMENT_SECONDS = 14;

    /** A client that is open, and counts of what it does from then on. */
    private static final class Counted implements AutoCloseable {
        private final World world = new World(1);
        private final Turns turns = new Turns();
        private final ClientProcess process = new ClientProcess(world);
        private final ModelServer server = new ModelServer(world);
        private final HttpNetwork network =
                new HttpNetwork(world, turns, new HttpFront(world, server, CarrierBug.NONE), CarrierBug.NONE);
        private final HoldfastClient client;
        int timers;
        int requests;

        Counted(boolean overHttp, Duration interval) {
            Environment environment = new Environment(
                    world.ticker,
                    world.wall,
                    (task, delay) -> process.schedule(() -> timer(task), delay),
                    process,
                    new Random(1),
                    new Random(1),
                    overHttp ? new Http() : this::webSocket);
            network.latency = World.millis(1);
            client = TestHooks.in(environment, HoldfastClient.builder("ws://idle.example/"))
                    .session(Session.resumable())
                    .heartbeat(Heartbeat.every(interval))
                    .build();
            turns.begin(process, world::fail);
            client.connect();
            run(World.seconds(10));
            assertEquals(ClientState.OPEN, client.state());
            timers = 0;
            requests = 0;
        }

        void run(long nanos) {
            long end = world.now() + nanos;
            while (world.step(end)) {
                // On to the next.
            }
        }

        private void timer(Runnable task) {
            timers++;
            task.run();
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

    @ParameterizedTest
    @CsvSource({"5, true", "20, false", "60, false"})
    void idleCostsOneOpenRequestAndTheHeartbeat(int seconds, boolean pings) {
        Duration interval = Duration.ofSeconds(seconds);
        try (Counted webSocket = new Counted(false, interval);
                Counted http = new Counted(true, interval)) {
            webSocket.run(World.seconds(HOURS * 3600));
            http.run(World.seconds(HOURS * 3600));
            assertEquals(1, http.network.underWay());
            assertEquals(3600.0 * HOURS / seconds, webSocket.timers, 1.0);
            // A comment of the server is a sign of life. So it takes the place of a ping, and moves the time of the
            // next.
            long comments = HOURS * 3600 / COMMENT_SECONDS;
            assertTrue(http.timers <= Math.max(webSocket.timers, comments + 1), http.timers + " wake-ups");
            assertEquals(pings ? webSocket.timers : 0, http.requests, pings ? 1 : 0);
        }
    }
}

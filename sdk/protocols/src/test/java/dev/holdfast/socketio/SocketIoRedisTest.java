package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.Backoff;
import dev.holdfast.interop.NodeServer;
import dev.holdfast.sample.node.Programs;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/** Two servers of the npm package socket.io that share their sessions by {@code @socket.io/redis-streams-adapter}. */
@Tag("interop")
@Timeout(180)
class SocketIoRedisTest {
    private static final int NUMBERS = 5_000;
    /** The numbers that are emitted together. */
    private static final int EACH = 5;

    private static final int CUTS = 3;

    private RedisServer redis;
    private NodeServer first;
    private NodeServer second;
    private FaultProxy proxy;
    private SocketIo socket;
    private SocketIo other;

    private final BlockingQueue<Recovery> connections = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> numbers = new LinkedBlockingQueue<>();

    @BeforeEach
    void serve() throws Exception {
        if (Programs.find(RedisServer.PROGRAM).isEmpty()) {
            String missing = Programs.missing(RedisServer.PROGRAM);
            if (Boolean.getBoolean("interop.required")) fail(missing);
            Assumptions.abort(missing);
        }
        redis = RedisServer.start();
        first = server();
        second = server();
        proxy = FaultProxy.start(first.port());
        socket = connect(proxy.port());
        socket.onConnect(connections::add);
        socket.on("number", event -> numbers.add(event.arguments().read(0, Integer.class)));
        socket.connect();
        assertEquals(Recovery.FIRST, connection());
        socket.emitWithAck("join", "room").get(30, TimeUnit.SECONDS);
        other = connect(second.port());
        other.connect();
    }

    private NodeServer server() throws Exception {
        return new NodeServer(
                "socket.io", "socketio-server.js", "120000", "25000", "20000", Integer.toString(redis.port()));
    }

    private static SocketIo connect(int port) {
        return SocketIo.builder("http://127.0.0.1:" + port)
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200))))
                .build();
    }

    private Recovery connection() throws Exception {
        Recovery recovery = connections.poll(30, TimeUnit.SECONDS);
        assertNotNull(recovery, "no connection");
        return recovery;
    }

    private int number() throws Exception {
        Integer number = numbers.poll(30, TimeUnit.SECONDS);
        assertNotNull(number, "no number");
        return number;
    }

    @AfterEach
    void end() {
        if (other != null) other.close();
        if (socket != null) socket.close();
        if (proxy != null) proxy.close();
        if (first != null) first.close();
        if (second != null) second.close();
        if (redis != null) redis.close();
    }

    /**
     * Events that a server emits in the moment in which it restores the session may be lost or come twice: the adapter reads the
     * stream, and the socket joins its rooms a little later. A client can't see that.
     */
    @Test
    void aSessionIsRecoveredOnTheOtherServer() throws Exception {
        other.emit("numbers", "room", NUMBERS, EACH);
        int highest = -1;
        int missing = 0;
        int repeated = 0;
        int cuts = 0;
        while (highest < NUMBERS - 1) {
            int number = number();
            if (number <= highest) {
                repeated++;
                continue;
            }
            missing += number - highest - 1;
            highest = number;
            if (cuts < CUTS && highest >= 500 + 1_000 * cuts) {
                proxy.refuse(true);
                proxy.retarget((cuts == 1 ? first : second).port());
                proxy.cut();
                awaitStoredSession();
                proxy.refuse(false);
                assertEquals(Recovery.RECOVERED, connection());
                cuts++;
            }
        }
        System.out.println("two servers on Redis: " + NUMBERS + " numbers in " + CUTS + " recoveries, " + missing
                + " lost and " + repeated + " repeated by the servers");
        assertEquals(CUTS, cuts);
        assertTrue(missing + repeated <= CUTS * 4 * EACH, "more than what is emitted in a moment");
    }

    /** A server stores a session once it has noticed the loss of the connection. */
    private void awaitStoredSession() throws Exception {
        try (Jedis jedis = new Jedis("127.0.0.1", redis.port())) {
            long start = System.nanoTime();
            while (jedis.keys("sio:session:*").isEmpty()) {
                if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(30)) fail("no stored session");
                Thread.sleep(10);
            }
        }
    }

    /** The server keeps a session when it notices the loss of a connection, which a killed one does not. */
    @Test
    void aKilledServerIsAGapThatIsReported() throws Exception {
        other.emit("numbers", "room", NUMBERS, EACH);
        for (int expected = 0; expected < 500; expected++) assertEquals(expected, number());
        proxy.retarget(second.port());
        first.kill();
        assertEquals(Recovery.GAP, connection());
    }
}

package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the faults do that break or slow a connection, seen from both sides by plain sockets. */
@Timeout(30)
class FaultProxyTest extends ProxyHarness {
    @Test
    void bytesAndTheirEndComeThrough() throws Exception {
        Socket socket = connect();
        byte[] sent = random(3_000_000);
        CompletableFuture<Void> sending = sendingAndEnding(socket, sent);
        assertArrayEquals(sent, socket.getInputStream().readAllBytes());
        sending.get(10, TimeUnit.SECONDS);
        assertEvents("accepted", "ended");
        await(() -> proxy.liveConnections() == 0);
    }

    @Test
    void aCutResetsBothSides() throws Exception {
        Socket one = connect();
        Socket two = connect();
        echoes(one, "one");
        echoes(two, "two");
        assertEquals(2, proxy.liveConnections());
        proxy.cut();
        assertReset(one);
        assertReset(two);
        assertEquals(0, proxy.liveConnections());
        assertEvents("accepted", "accepted", "reset", "reset");
        echoes(connect(), "three");
    }

    @Test
    void anEndIsAnEndOnBothSidesAndSwallowsWhatIsSentBehindIt() throws Exception {
        Socket socket = connect();
        echoes(socket, "x");
        assertEvents("accepted");
        proxy.end();
        assertEquals(-1, socket.getInputStream().read());
        assertEvents("ended");
        send(socket, "too late");
        socket.close();
        await(() -> proxy.liveConnections() == 0);
        echoes(connect(), "new ones work");
    }

    @Test
    void aResetOnOneSideIsAResetOnTheOther() throws Exception {
        Socket socket = connect();
        echoes(socket, "x");
        socket.setSoLinger(true, 0);
        socket.close();
        assertEvents("accepted", "reset");
        await(() -> proxy.liveConnections() == 0);
    }

    @Test
    void newConnectionsAreRefusedWhileOldOnesGoOn() throws Exception {
        Socket old = connect();
        echoes(old, "before");
        for (int round = 0; round < 20; round++) {
            proxy.refuse(true);
            assertThrows(ConnectException.class, this::connect);
            echoes(old, "meanwhile");
            proxy.refuse(false);
            echoes(connect(), "after");
        }
        proxy.refuse(false);
        echoes(connect(), "again");
    }

    @Test
    void aServerThatIsNotThereResetsTheConnection() throws Exception {
        echo.close();
        Socket socket = connect();
        assertReset(socket);
        await(() -> proxy.liveConnections() == 0);
    }

    @Test
    void aDelayIsALengthAndNotANarrowness() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.delay(Duration.ofMillis(100));
        long start = System.nanoTime();
        echoes(socket, "late");
        long roundTrip = millisSince(start);
        assertTrue(roundTrip >= 200, "took " + roundTrip + " ms");
        // One buffer of 16 KiB at a time, with a wait after each, would take 25 s.
        byte[] sent = random(2_000_000);
        start = System.nanoTime();
        CompletableFuture<Void> sending = sending(socket, sent);
        assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
        long taken = millisSince(start);
        assertTrue(taken >= 200 && taken < 3_000, "took " + taken + " ms");
        sending.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aDelayThatIsShortenedKeepsTheOrder() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.delay(Duration.ofMillis(300));
        send(socket, "first ");
        // Wait until the proxy has taken it in: what is on its way keeps its time.
        assertSilent(socket);
        proxy.delay(Duration.ZERO);
        send(socket, "second");
        assertHears(socket, "first second");
    }

    @Test
    void aThrottleLimitsTheRate() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.throttle(100_000);
        long start = System.nanoTime();
        byte[] sent = random(30_000);
        socket.getOutputStream().write(sent);
        assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
        long taken = millisSince(start);
        assertTrue(taken >= 250 && taken < 3_000, "took " + taken + " ms");

        // Lifting it frees what it holds back.
        proxy.throttle(10);
        socket.getOutputStream().write(sent);
        proxy.throttle(0);
        assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
        assertTrue(millisSince(start) < 3_000);
    }

    @Test
    void newConnectionsGoToTheNewTarget() throws Exception {
        Socket old = connect();
        echoes(old, "old");
        try (EchoServer other = new EchoServer()) {
            proxy.retarget(other.port());
            echoes(connect(), "new");
            assertEquals("accepted", other.events.poll(10, TimeUnit.SECONDS));
            echoes(old, "old still");
        }
    }

    @Test
    void aClosedProxyListensNoMore() throws Exception {
        Socket socket = connect();
        echoes(socket, "x");
        proxy.close();
        assertReset(socket);
        assertThrows(ConnectException.class, this::connect);
        proxy.refuse(false);
        assertThrows(ConnectException.class, this::connect);
    }
}

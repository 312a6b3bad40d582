package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The two faults that nobody is told of: a black hole and a forgotten connection. */
@Timeout(30)
class SilenceTest extends ProxyHarness {
    @Test
    void aBlackHoleTowardsTheServerHoldsBytesBack() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.blackHole(Direction.CLIENT_TO_SERVER, true);
        send(socket, "held back");
        assertSilent(socket);
        proxy.blackHole(Direction.CLIENT_TO_SERVER, false);
        assertHears(socket, "held back");
    }

    @Test
    void aBlackHoleTowardsTheClientHoldsBytesBack() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
        send(socket, "held back");
        assertSilent(socket);
        proxy.blackHole(Direction.CLIENT_TO_SERVER, true);
        proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
        assertHears(socket, "held back");
        proxy.blackHole(Direction.BOTH, false);
        echoes(socket, "after");
    }

    @Test
    void aBlackHoleLosesNothingAndPushesBack() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        proxy.blackHole(Direction.BOTH, true);
        byte[] sent = random(20_000_000);
        CompletableFuture<Void> sending = sendingAndEnding(socket, sent);
        assertSilent(socket);
        assertTrue(!sending.isDone(), "more than any buffer holds, and the write has returned");
        proxy.blackHole(Direction.BOTH, false);
        assertArrayEquals(sent, socket.getInputStream().readAllBytes());
        sending.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aBlackHoleSwallowsTheEndAndTheReset() throws Exception {
        Socket ended = connect();
        echoes(ended, "x");
        Socket reset = connect();
        echoes(reset, "y");
        assertEvents("accepted", "accepted");
        proxy.blackHole(Direction.BOTH, true);
        ended.close();
        reset.setSoLinger(true, 0);
        reset.close();
        assertEquals(null, echo.events.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS));
        assertEquals(2, proxy.liveConnections());
        proxy.blackHole(Direction.BOTH, false);
        List<String> endings = new ArrayList<>(List.of(event(), event()));
        endings.sort(null);
        assertEquals(List.of("ended", "reset"), endings);
    }

    @Test
    void aNewConnectionInABlackHoleIsOpenAndSilent() throws Exception {
        proxy.blackHole(Direction.BOTH, true);
        Socket socket = connect();
        send(socket, "hello?");
        assertSilent(socket);
        assertTrue(echo.events.isEmpty());
        proxy.blackHole(Direction.BOTH, false);
        assertHears(socket, "hello?");
    }

    @Test
    void aForgottenConnectionStaysSilentForGood() throws Exception {
        Socket socket = connect();
        echoes(socket, "before");
        assertEvents("accepted");
        proxy.forget();
        send(socket, "lost");
        assertSilent(socket);
        proxy.blackHole(Direction.BOTH, true);
        proxy.blackHole(Direction.BOTH, false);
        proxy.delay(Duration.ZERO);
        assertSilent(socket);
        echoes(connect(), "new ones work");
        assertEvents("accepted");
        assertEquals(2, proxy.liveConnections());
        socket.close();
        assertEquals(null, echo.events.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS), "the server hears nothing of it");
        proxy.cut();
        assertEvents("reset", "reset");
    }

    @Test
    void aForgottenConnectionEndsWhenBothSidesHaveLetGo() throws Exception {
        EchoServer other = new EchoServer();
        proxy.retarget(other.port());
        Socket socket = connect();
        echoes(socket, "x");
        proxy.blackHole(Direction.BOTH, true);
        Socket unborn = connect();
        await(() -> proxy.liveConnections() == 2);
        proxy.forget();
        unborn.close();
        await(() -> proxy.liveConnections() == 1);
        socket.setSoLinger(true, 0);
        socket.close();
        assertEquals("accepted", other.events.poll(10, TimeUnit.SECONDS));
        assertEquals(null, other.events.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS));
        assertEquals(1, proxy.liveConnections());
        other.close();
    }

    @Test
    void aForgottenConnectionThatWasStuckIsStillSilent() throws Exception {
        Socket socket = connect();
        echoes(socket, "x");
        assertEvents("accepted");
        // Nobody reads the echo, so in the end every buffer on the way is full and the sender feels it.
        CompletableFuture<Void> sending = sending(socket, random(30_000_000));
        assertSilent(connect());
        assertTrue(!sending.isDone(), "more than any buffer holds, and the write has returned");
        proxy.forget();
        socket.setSoLinger(true, 0);
        socket.close();
        assertEvents("accepted");
        assertEquals(null, echo.events.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS));
    }
}

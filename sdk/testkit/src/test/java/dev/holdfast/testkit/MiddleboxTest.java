package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A proxy that reads HTTP, before a server that echoes each request. */
@Timeout(60)
class MiddleboxTest extends ProxyHarness {
    private static final String UPGRADE = "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUPGRADE: WebSocket\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody";

    @ParameterizedTest
    @CsvSource({
        "FORBIDS_UPGRADES, HTTP/1.1 403 Forbidden",
        "ANSWERS_UPGRADES, HTTP/1.1 200 OK",
        "BUFFERS, HTTP/1.1 403 Forbidden"
    })
    void upgradesAreAnsweredWithAPage(Middlebox middlebox, String status) throws Exception {
        proxy.middlebox(middlebox);
        Socket socket = connect();
        // The head may come in pieces.
        send(socket, UPGRADE.substring(0, 50));
        send(socket, UPGRADE.substring(50));
        String answer = all(socket);
        assertTrue(answer.startsWith(status + "\r\n"), answer);
        assertTrue(answer.endsWith("</html>"), answer);
        await(() -> proxy.liveConnections() == 0);
        assertTrue(echo.events.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"FORBIDS_UPGRADES", "ANSWERS_UPGRADES"})
    void otherRequestsPassOneForEachConnection(Middlebox middlebox) throws Exception {
        proxy.middlebox(middlebox);
        Socket socket = connect();
        send(socket, POST);
        String expected =
                POST.replace("\r\nConnection: keep-alive", "").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        assertEquals(
                expected, new String(socket.getInputStream().readNBytes(expected.length()), StandardCharsets.US_ASCII));
        echoes(socket, "more of the body");
    }

    @Test
    void answersAreHeldBackUntilTheirEnd() throws Exception {
        proxy.middlebox(Middlebox.BUFFERS);
        Socket socket = connect();
        send(socket, POST);
        assertSilent(socket);
        socket.shutdownOutput();
        String answer = all(socket);
        assertTrue(answer.startsWith("POST / ") && answer.endsWith("body"), answer);
    }

    @Test
    void aFullBufferIsPassedOn() throws Exception {
        proxy.middlebox(Middlebox.BUFFERS);
        Socket socket = connect();
        send(socket, POST + "x".repeat(200_000));
        assertEquals('P', socket.getInputStream().read());
    }

    @Test
    void withoutAMiddleboxUpgradesPass() throws Exception {
        proxy.middlebox(Middlebox.FORBIDS_UPGRADES);
        proxy.middlebox(Middlebox.NONE);
        Socket socket = connect();
        echoes(socket, UPGRADE);
    }

    private static String all(Socket socket) throws Exception {
        String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertFalse(all.isEmpty());
        return all;
    }
}

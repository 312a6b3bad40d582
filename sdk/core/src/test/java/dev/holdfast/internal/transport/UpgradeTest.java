package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Authenticator;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The opening handshake, RFC 6455 section 4.1, against servers that get it right and wrong. */
@Tag("slow")
@Timeout(30)
class UpgradeTest {
    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();

    // ---- as it should be ----

    @Test
    void echoesTextAndBinary() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.acceptUpgrade();
        Connection connection = recorder.takeOpened();

        assertTrue(connection.sendText("Hëllo", 6));
        peer.takeText("Hëllo");
        peer.text("Hëllo");
        recorder.takeText("Hëllo");

        ByteString bytes = ByteString.decodeHex("00ff80");
        assertTrue(connection.sendBinary(bytes));
        assertEquals(new RawServer.Frame(true, 2, bytes), peer.take());
        peer.binary(bytes);
        assertEquals(new ConnectionRecorder.Binary(bytes), recorder.take());

        end(connection, peer);
        assertEquals(2, recorder.written());
    }

    @Test
    void sendsTheHeadersOfTheRfc() throws Exception {
        Request request = new Request.Builder()
                .url(rig.server.url() + "?room=1")
                .header("Authorization", "Bearer abc")
                // An application's own idea of what is ours does not get through.
                .header("Connection", "keep-alive")
                .header("Sec-WebSocket-Key", "AAAA")
                .header("Sec-WebSocket-Version", "8")
                .build();
        rig.open(rig.client, request, "resume.v1.json", recorder);
        Peer peer = rig.server.acceptUpgrade();

        assertEquals("GET /live?room=1 HTTP/1.1", peer.requestLine());
        assertEquals(List.of("127.0.0.1:" + rig.server.port()), peer.header("Host"));
        assertEquals(List.of("websocket"), peer.header("Upgrade"));
        assertEquals(List.of("Upgrade"), peer.header("Connection"));
        assertEquals(List.of("13"), peer.header("Sec-WebSocket-Version"));
        assertEquals(List.of("resume.v1.json"), peer.header("Sec-WebSocket-Protocol"));
        assertEquals(List.of(), peer.header("Sec-WebSocket-Extensions"));
        assertEquals(List.of("Bearer abc"), peer.header("Authorization"));
        List<String> keys = peer.header("Sec-WebSocket-Key");
        assertEquals(1, keys.size());
        ByteString nonce = ByteString.decodeBase64(keys.get(0));
        assertNotNull(nonce);
        assertEquals(16, nonce.size());

        end(recorder.takeOpened(), peer);
    }

    @Test
    void offersNoSubprotocolUnlessAsked() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.acceptUpgrade();
        assertEquals(List.of(), peer.header("Sec-WebSocket-Protocol"));
        end(recorder.takeOpened(), peer);
    }

    @Test
    void everyConnectionHasItsOwnKey() throws Exception {
        OkHttpTransport transport = rig.transport(rig.client, null);
        ConnectionRecorder other = rig.newRecorder();
        transport.open(rig.request(), recorder);
        Peer first = rig.server.acceptUpgrade();
        transport.open(rig.request(), other);
        Peer second = rig.server.acceptUpgrade();
        assertNotEquals(first.header("Sec-WebSocket-Key"), second.header("Sec-WebSocket-Key"));
        recorder.takeOpened();
        other.takeOpened();
        first.closeFrame(1000, "");
        second.closeFrame(1000, "");
        first.takeClose(1000);
        second.takeClose(1000);
        first.close();
        second.close();
        recorder.takeClosedByPeer(1000, "");
        other.takeClosedByPeer(1000, "");
    }

    @Test
    void namesOfHeadersAndTokensAreCaseless() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer(
                "HTTP/1.1 101 ",
                "UPGRADE: WebSocket",
                "connection: upgrade",
                "sec-websocket-accept:   " + peer.acceptToken() + "  ");
        end(recorder.takeOpened(), peer);
    }

    @Test
    void framesThatCameWithTheAnswerAreNotLost() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.write(String.join("\r\n", peer.upgraded()) + "\r\n\r\n\u0081\u0002hi\u0088\u0000");
        recorder.takeOpened();
        recorder.takeText("hi");
        peer.takeClose(1005);
        peer.close();
        recorder.takeClosedByPeer(1005, "");
    }

    @Test
    void informationalAnswersAreSkipped() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 103 Early Hints", "Link: </x>; rel=preload");
        peer.answer(peer.upgraded());
        end(recorder.takeOpened(), peer);
    }

    @Test
    void redirectIsFollowed() throws Exception {
        rig.open(recorder);
        Peer first = rig.server.accept();
        first.readRequest();
        first.answer(
                "HTTP/1.1 307 Temporary Redirect", "Location: /elsewhere", "Content-Length: 0", "Connection: close");
        first.close();
        Peer second = rig.server.acceptUpgrade();
        assertEquals("GET /elsewhere HTTP/1.1", second.requestLine());
        assertEquals(List.of("websocket"), second.header("Upgrade"));
        end(recorder.takeOpened(), second);
    }

    @Test
    void theApplicationsAuthenticatorAnswersA401() throws Exception {
        Authenticator authenticator = (route, response) -> response.request()
                .newBuilder()
                .header("Authorization", "Bearer fresh")
                .build();
        OkHttpClient client =
                rig.client.newBuilder().authenticator(authenticator).build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 401 Unauthorized", "Content-Length: 0");
        peer.readRequest();
        assertEquals(List.of("Bearer fresh"), peer.header("Authorization"));
        peer.answer(peer.upgraded());
        end(recorder.takeOpened(), peer);
    }

    // ---- 101, but wrong ----

    @Test
    void wrongAccept() throws Exception {
        String accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        TransportException failure = answered(null, head -> head.set(3, "Sec-WebSocket-Accept: " + accept));
        assertTrue(
                failure.getMessage()
                        .startsWith("invalid response to the upgrade: Sec-WebSocket-Accept is [" + accept + "], not "),
                failure.getMessage());
    }

    @Test
    void noAccept() throws Exception {
        TransportException failure = answered(null, head -> head.remove(3));
        assertTrue(
                failure.getMessage().startsWith("invalid response to the upgrade: Sec-WebSocket-Accept is [], not "),
                failure.getMessage());
    }

    @Test
    void acceptTwice() throws Exception {
        TransportException failure = answered(null, head -> head.add(head.get(3)));
        assertTrue(
                failure.getMessage().startsWith("invalid response to the upgrade: Sec-WebSocket-Accept is ["),
                failure.getMessage());
    }

    @Test
    void noUpgradeHeader() throws Exception {
        assertWrong(null, head -> head.remove(1), "Upgrade is [], not websocket");
    }

    @Test
    void anotherProtocol() throws Exception {
        assertWrong(null, head -> head.set(1, "Upgrade: h2c"), "Upgrade is [h2c], not websocket");
    }

    @Test
    void upgradeTwice() throws Exception {
        assertWrong(null, head -> head.add("Upgrade: websocket"), "Upgrade is [websocket, websocket], not websocket");
    }

    @Test
    void connectionThatKeepsAlive() throws Exception {
        assertWrong(
                null,
                head -> head.set(2, "Connection: keep-alive, Upgrade"),
                "Connection is [keep-alive, Upgrade] where the request has [Upgrade]: OkHttp upgrades only if the last "
                        + "Connection line of the answer is exactly Upgrade");
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep-alive", "", "Keep-Alive,, close"})
    void connectionTokensMayStandInSeveralLines(String first) throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.add(2, "Connection: " + first);
        head.set(3, "Connection: UPGRADE");
        peer.answer(head);
        end(recorder.takeOpened(), peer);
    }

    @Test
    void connectionLinesInAnOrderThatOkHttpRefuses() throws Exception {
        assertWrong(
                null,
                head -> head.add("Connection: keep-alive"),
                "Connection is [Upgrade, keep-alive] where the request has [Upgrade]: OkHttp upgrades only if the last "
                        + "Connection line of the answer is exactly Upgrade");
    }

    @Test
    void noConnectionHeader() throws Exception {
        assertWrong(null, head -> head.remove(2), "Connection is [], not Upgrade");
    }

    /** Behind a balancer it leads to the same server again, whoever else could take the client in by then. */
    @Test
    void connectionOfARefusalIsNotUsedAgain() throws Exception {
        OkHttpTransport transport = rig.transport(rig.client, null);
        transport.open(rig.request(), recorder);
        Peer first = rig.server.accept();
        first.readRequest();
        first.answer(List.of("HTTP/1.1 503 Service Unavailable", "Content-Length: 0"));
        assertEquals(503, recorder.takeFailed().httpStatus());
        first.takeEnd();

        ConnectionRecorder other = rig.newRecorder();
        transport.open(rig.request(), other);
        Peer second = rig.server.acceptUpgrade();
        other.takeOpened().cancel();
        other.takeFailed();
        second.takeEnd();
    }

    /** Nobody may take for HTTP what comes over a connection after a 101. */
    @Test
    void connectionOfAWrong101IsNotUsedAgain() throws Exception {
        OkHttpTransport transport = rig.transport(rig.client, null);
        transport.open(rig.request(), recorder);
        Peer first = rig.server.accept();
        first.readRequest();
        List<String> head = first.upgraded();
        head.remove(2);
        first.answer(head);
        assertEquals(Phase.UPGRADE, recorder.takeFailed().phase());
        first.takeEnd();

        ConnectionRecorder other = rig.newRecorder();
        transport.open(rig.request(), other);
        Peer second = rig.server.acceptUpgrade();
        Connection connection = other.takeOpened();
        connection.cancel();
        other.takeFailed();
        second.takeEnd();
    }

    @Test
    void extensionNeverOffered() throws Exception {
        assertWrong(
                null,
                head -> head.add("Sec-WebSocket-Extensions: permessage-deflate"),
                "an extension was selected that was never offered: [permessage-deflate]");
    }

    @Test
    void subprotocolNeverOffered() throws Exception {
        assertWrong(
                null,
                head -> head.add("Sec-WebSocket-Protocol: chat"),
                "subprotocol none was offered, selected [chat]");
    }

    @Test
    void noSubprotocolSelected() throws Exception {
        TransportException failure = answered("resume.v1.json", head -> head.remove(4));
        assertTrue(failure.isUnselected());
        assertEquals(
                "the server did not select the subprotocol resume.v1.json: use Session.none(), or add resume.v1.json to"
                        + " the server",
                failure.getMessage());
    }

    @Test
    void otherSubprotocolSelected() throws Exception {
        assertWrong(
                "resume.v1.json",
                head -> head.set(4, "Sec-WebSocket-Protocol: RESUME.V1.JSON"),
                "subprotocol resume.v1.json was offered, selected [RESUME.V1.JSON]");
    }

    @Test
    void twoSubprotocolsSelected() throws Exception {
        assertWrong(
                "resume.v1.json",
                head -> head.set(4, "Sec-WebSocket-Protocol: resume.v1.json, chat"),
                "subprotocol resume.v1.json was offered, selected [resume.v1.json, chat]");
    }

    @Test
    void subprotocolSelectedTwice() throws Exception {
        assertWrong(
                "resume.v1.json",
                head -> head.add("Sec-WebSocket-Protocol: chat"),
                "subprotocol resume.v1.json was offered, selected [resume.v1.json, chat]");
    }

    @Test
    void endlessHeaderValueIsNotRepeatedInTheMessage() throws Exception {
        TransportException failure = answered(null, head -> head.set(1, "Upgrade: " + "x".repeat(100_000)));
        assertTrue(failure.getMessage().startsWith("invalid response to the upgrade: Upgrade is [xxx"), "start");
        assertTrue(failure.getMessage().length() < 500, failure.getMessage().length() + " characters");
    }

    // ---- refused ----

    @ParameterizedTest
    @CsvSource({
        "200 OK",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "426 Upgrade Required",
        "500 Oops"
    })
    void refused(String status) throws Exception {
        TransportException failure = answeredWith("HTTP/1.1 " + status, "Content-Length: 0");
        int code = Integer.parseInt(status.substring(0, 3));
        assertRefused(failure, code, Duration.ZERO, "upgrade refused with HTTP " + code);
    }

    @Test
    void refusedWithAPage() throws Exception {
        TransportException failure = answeredWith(
                "HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", "Content-Length: 6", "", "<html>");
        assertRefused(failure, 200, Duration.ZERO, "upgrade refused with HTTP 200 (text/html)");
    }

    @Test
    void refusedWithAPageThatNeverEnds() throws Exception {
        TransportException failure = answeredWith("HTTP/1.1 200 OK", "Content-Type: text/html", "", "<html>");
        assertRefused(failure, 200, Duration.ZERO, "upgrade refused with HTTP 200 (text/html)");
    }

    @Test
    void refusedWithRetryAfterSeconds() throws Exception {
        TransportException failure =
                answeredWith("HTTP/1.1 503 Service Unavailable", "Retry-After: 8", "Content-Length: 0");
        assertRefused(failure, 503, Duration.ofSeconds(8), "upgrade refused with HTTP 503; Retry-After 8 s");
    }

    @Test
    void refusedWithRetryAfterDate() throws Exception {
        TransportException failure = answeredWith(
                "HTTP/1.1 503 Service Unavailable",
                "Date: Sat, 21 Nov 1998 10:00:00 GMT",
                "Retry-After: Sat, 21 Nov 1998 10:02:05 GMT",
                "Content-Length: 0");
        assertRefused(failure, 503, Duration.ofSeconds(125), "upgrade refused with HTTP 503; Retry-After 125 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-5", "1.5", "Sat, 21 Nov 1998 09:00:00 GMT", ""})
    void senselessRetryAfterIsNone(String value) throws Exception {
        TransportException failure = answeredWith(
                "HTTP/1.1 503 Service Unavailable",
                "Date: Sat, 21 Nov 1998 10:00:00 GMT",
                "Retry-After: " + value,
                "Content-Length: 0");
        assertRefused(failure, 503, Duration.ZERO, "upgrade refused with HTTP 503");
    }

    /** OkHttp itself tries such an answer again at once, once. */
    @Test
    void retryAfterNothing() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        for (int i = 0; i < 2; i++) {
            peer.readRequest();
            peer.answer("HTTP/1.1 503 Service Unavailable", "Retry-After: 0", "Content-Length: 0");
        }
        assertRefused(recorder.takeFailed(), 503, Duration.ZERO, "upgrade refused with HTTP 503");
    }

    /** OkHttp itself takes any run of digits for an int, and throws where it is none. */
    @Test
    void retryAfterTooGreatForOkHttp() throws Exception {
        TransportException failure = answeredWith(
                "HTTP/1.1 503 Service Unavailable", "Retry-After: 99999999999999999999", "Content-Length: 0");
        assertEquals(Phase.UPGRADE, failure.phase());
        assertEquals(503, failure.httpStatus());
        assertEquals(Duration.ofDays(1).toNanos(), failure.retryAfterNanos());
        assertTrue(failure.getMessage().contains("99999999999999999999"), failure.getMessage());
    }

    @Test
    void retryAfterInAnotherAge() throws Exception {
        TransportException failure = answeredWith(
                "HTTP/1.1 503 Service Unavailable",
                "Date: Sat, 21 Nov 1998 10:00:00 GMT",
                "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
                "Content-Length: 0");
        assertEquals(503, failure.httpStatus());
        // A day is the maximum, however the server reckons.
        assertEquals(Duration.ofDays(1).toNanos(), failure.retryAfterNanos());
    }

    @Test
    void redirectsThatNeverEnd() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        for (int i = 0; i < 21; i++) {
            peer.readRequest();
            peer.answer("HTTP/1.1 302 Found", "Location: /again" + i, "Content-Length: 0");
        }
        TransportException failure = recorder.takeFailed();
        assertFailed(failure, Phase.UPGRADE, "upgrade redirected more than 20 times, with HTTP 302 at the end", 302);
    }

    // ---- no HTTP ----

    @Test
    void pageWithoutHttp() throws Exception {
        TransportException failure = answeredWith("<html><body>Welcome to the train</body></html>");
        assertFailed(
                failure,
                Phase.UPGRADE,
                "response to the upgrade is not HTTP: Unexpected status line: <html><body>Welcome to the train</body></html>");
    }

    @Test
    void garbageInPlaceOfHttp() throws Exception {
        TransportException failure = answeredWith("\u0000\u0001\u0002\u00ff".repeat(1000));
        assertEquals(Phase.UPGRADE, failure.phase());
        assertTrue(
                failure.getMessage().startsWith("response to the upgrade is not HTTP: Unexpected status line: "),
                failure.getMessage());
        assertTrue(failure.getMessage().length() < 500, failure.getMessage().length() + " characters");
        assertTrue(failure.getMessage().chars().noneMatch(Character::isISOControl), failure.getMessage());
    }

    @Test
    void statusThatIsNoNumber() throws Exception {
        TransportException failure = answeredWith("HTTP/1.1 abc Yes");
        assertFailed(
                failure,
                Phase.UPGRADE,
                "response to the upgrade is not HTTP: Unexpected status line: HTTP/1.1 abc Yes");
    }

    @Test
    void headerLineThatNeverEnds() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.write("HTTP/1.1 101 Switching Protocols\r\nX: ");
        flood(peer, "x".repeat(64 * 1024));
        assertFailed(
                recorder.takeFailed(), Phase.UPGRADE, "answer to the upgrade breaks off, or has headers without end");
    }

    @Test
    void headersWithoutEnd() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.write("HTTP/1.1 101 Switching Protocols\r\n");
        flood(peer, ("X-" + "x".repeat(4000) + ": y\r\n").repeat(16));
        assertFailed(
                recorder.takeFailed(), Phase.UPGRADE, "answer to the upgrade breaks off, or has headers without end");
    }

    /** Writes until the client has had enough. */
    private static void flood(Peer peer, String bytes) {
        try {
            for (int i = 0; i < 64; i++) peer.write(bytes);
        } catch (IOException e) {
            // It has.
        }
    }

    // ---- no answer ----

    @Test
    void closedBeforeTheAnswer() throws Exception {
        // A server that has read the request; OkHttp tries once more on a fresh connection only for a pooled one.
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.close();
        assertFailed(
                recorder.takeFailed(), Phase.UPGRADE, "server closed the connection before it answered the upgrade");
    }

    @Test
    void closedAtOnce() throws Exception {
        rig.open(recorder);
        rig.server.accept().close();
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.UPGRADE, failure.phase());
        // Whether the request was read before decides between an end and a reset.
        assertTrue(
                failure.getMessage().equals("server closed the connection before it answered the upgrade")
                        || failure.getMessage().startsWith("connection lost before the upgrade was answered: "),
                failure.getMessage());
    }

    @Test
    void resetBeforeTheAnswer() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.reset();
        assertFailed(
                recorder.takeFailed(),
                Phase.UPGRADE,
                "connection lost before the upgrade was answered: Connection reset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 101 Switch", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso"})
    void closedInTheMiddleOfTheAnswer(String start) throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.write(start);
        peer.close();
        assertFailed(
                recorder.takeFailed(), Phase.UPGRADE, "answer to the upgrade breaks off, or has headers without end");
    }

    @Test
    void neverAnswered() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT.minusNanos(1));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        assertFailed(recorder.takeFailed(), Phase.UPGRADE, "no answer to the upgrade within 15000 ms");
        peer.takeEnd();
    }

    @Test
    void theApplicationsReadTimeoutHoldsForTheAnswer() throws Exception {
        OkHttpClient client =
                rig.client.newBuilder().readTimeout(Duration.ofMillis(50)).build();
        rig.open(client, rig.server.url(), null, recorder);
        rig.server.accept().readRequest();
        assertFailed(recorder.takeFailed(), Phase.UPGRADE, "no answer to the upgrade");
    }

    @Test
    void theApplicationsCallTimeoutHoldsForTheAnswer() throws Exception {
        OkHttpClient client =
                rig.client.newBuilder().callTimeout(Duration.ofMillis(50)).build();
        rig.open(client, rig.server.url(), null, recorder);
        rig.server.accept().readRequest();
        assertFailed(recorder.takeFailed(), Phase.UPGRADE, "no answer to the upgrade");
    }

    @Test
    void neitherTimeoutHoldsAfterTheAnswer() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .readTimeout(Duration.ofSeconds(1))
                .callTimeout(Duration.ofSeconds(1))
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.acceptUpgrade();
        Connection connection = recorder.takeOpened();
        // Real time has to pass here: these limits are OkHttp's own.
        assertFalse(new CountDownLatch(1).await(1200, TimeUnit.MILLISECONDS));
        peer.text("still here");
        recorder.takeText("still here");
        end(connection, peer);
    }

    @Test
    void refusedByTcp() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        rig.open(rig.client, "ws://127.0.0.1:" + port + "/", null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.TCP,
                "connection refused or unreachable: Failed to connect to /127.0.0.1:" + port);
    }

    @Test
    void tcpNeverAnswered() throws Exception {
        // A full backlog leaves a SYN without an answer.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> fillers = new ArrayList<>();
            for (int i = 0; i < 2; i++) fillers.add(new Socket(full.getInetAddress(), full.getLocalPort()));
            CountDownLatch connecting = new CountDownLatch(1);
            OkHttpClient client = rig.client
                    .newBuilder()
                    .socketFactory(new SocketFactories.Plain(socket -> connecting.countDown()))
                    .build();
            rig.open(client, "ws://127.0.0.1:" + full.getLocalPort() + "/", null, recorder);
            awaitUninterruptibly(connecting);
            rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
            assertFailed(recorder.takeFailed(), Phase.TCP, "no answer to the TCP connect within 15000 ms");
            for (Socket filler : fillers) filler.close();
        }
    }

    @Test
    void unknownHost() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> {
                    throw new UnknownHostException(host);
                })
                .build();
        rig.open(client, "ws://nowhere.example/", null, recorder);
        assertFailed(recorder.takeFailed(), Phase.DNS, "host not found: nowhere.example");
    }

    /** A lookup can't be interrupted, and on a phone without a network it may take minutes. */
    @Test
    void dnsThatNeverAnswers() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> {
                    asked.countDown();
                    awaitUninterruptibly(answered);
                    return List.of(InetAddress.getLoopbackAddress());
                })
                .build();
        rig.open(client, "ws://slow.example:" + rig.server.port() + "/", null, recorder);
        awaitUninterruptibly(asked);
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        try {
            assertFailed(recorder.takeFailed(), Phase.DNS, "no answer from DNS within 15000 ms");
            assertEquals(IoThreads.NAME, recorder.endedOn(), "the timer's thread has other things to do");
        } finally {
            answered.countDown();
        }
    }

    @Test
    void cancelWhileDnsNeverAnswers() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> {
                    asked.countDown();
                    awaitUninterruptibly(answered);
                    return List.of(InetAddress.getLoopbackAddress());
                })
                .build();
        Connection connection = rig.open(client, "ws://slow.example:" + rig.server.port() + "/", null, recorder);
        awaitUninterruptibly(asked);
        connection.cancel();
        answered.countDown();
        assertFailed(recorder.takeFailed(), Phase.DNS, "cancelled");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) throw new AssertionError("never let go");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- the application's code in the way ----

    @Test
    void interceptorThatThrows() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw new IllegalStateException("no token");
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertEquals(
                "the application's configuration or code failed: java.lang.IllegalStateException: no token",
                failure.getMessage());
        assertEquals(IllegalStateException.class, failure.getCause().getClass());
    }

    /** Android throws it from the lookup if the application lacks the INTERNET permission. */
    @Test
    void missingPermission() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> {
                    throw new SecurityException("Permission denied (missing INTERNET permission?)");
                })
                .build();
        rig.open(client, "ws://chat.example/", null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.CONFIGURATION,
                "the application's configuration or code failed: java.lang.SecurityException: "
                        + "Permission denied (missing INTERNET permission?)");
    }

    @Test
    void missingPermissionForSockets() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .socketFactory(new SocketFactories.Plain(socket -> {}) {
                    @Override
                    public Socket createSocket() {
                        return new Socket() {
                            @Override
                            public void connect(SocketAddress address, int timeout) throws IOException {
                                throw new SocketException("socket failed: EPERM (Operation not permitted)");
                            }
                        };
                    }
                })
                .build();
        rig.open(client, "ws://chat.example/", null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.CONFIGURATION,
                "the platform or the OkHttpClient forbids the connection to chat.example:80: "
                        + "socket failed: EPERM (Operation not permitted)");
    }

    @Test
    void missingPermissionForTheLocalNetwork() throws Exception {
        byte[] local = {(byte) 192, (byte) 168, 1, 20};
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> List.of(InetAddress.getByAddress(host, local)))
                .socketFactory(new SocketFactories.Plain(socket -> {}) {
                    @Override
                    public Socket createSocket() {
                        return new Socket() {
                            @Override
                            public void connect(SocketAddress address, int timeout) throws IOException {
                                throw new SocketException("connect failed: EPERM (Operation not permitted)");
                            }
                        };
                    }
                })
                .build();
        rig.open(client, "ws://printer.example/", null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.TCP,
                "TCP connect failed: connect failed: EPERM (Operation not permitted); this is an address of the local"
                        + " network, for which Android 17 and later need the permission"
                        + " android.permission.ACCESS_LOCAL_NETWORK (Android 16, where restricted: NEARBY_WIFI_DEVICES)");
    }

    @Test
    void forbiddenCleartext() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.CONFIGURATION,
                "the platform or the OkHttpClient forbids the connection to 127.0.0.1:" + rig.server.port()
                        + ": CLEARTEXT communication not enabled for client");
    }

    @Test
    void librariesThatDoNotFitTogether() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw new NoSuchMethodError("okhttp3.Response.socket()");
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.CONFIGURATION,
                "the libraries on the class path do not fit together, or OkHttp is too old: "
                        + "java.lang.NoSuchMethodError: okhttp3.Response.socket()");
    }

    @Test
    void interceptorThatFails() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw new IOException();
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        assertFailed(
                recorder.takeFailed(),
                Phase.UPGRADE,
                "an interceptor of the OkHttpClient failed before a connection was made: IOException");
    }

    @Test
    void interceptorThatFailsInManyLines() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw new IOException("no token\n  at office\r\n\u001b[31m\u202emoor" + "x".repeat(1000));
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        String message = recorder.takeFailed().getMessage();
        assertTrue(
                message.startsWith("an interceptor of the OkHttpClient failed before a connection was made: no token"
                        + "\\u000a  at office\\u000d\\u000a\\u001b[31m\\u202emoorxxx"),
                message);
        assertTrue(message.length() < 400, message);
    }

    @Test
    void interceptorThatNeverGoesOn() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    asked.countDown();
                    awaitUninterruptibly(done);
                    throw new IOException("too late");
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        awaitUninterruptibly(asked);
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        try {
            assertFailed(
                    recorder.takeFailed(),
                    Phase.UPGRADE,
                    "no connection was asked for: an interceptor of the OkHttpClient has not returned within 15000 ms");
        } finally {
            done.countDown();
        }
    }

    @Test
    void interceptorThatDropsTheSocket() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    return new Response.Builder()
                            .request(response.request())
                            .protocol(response.protocol())
                            .code(response.code())
                            .message("")
                            .headers(response.headers())
                            .build();
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        rig.server.acceptUpgrade().takeEnd();
        assertFailed(
                recorder.takeFailed(),
                Phase.UPGRADE,
                "invalid response to the upgrade: an interceptor of the OkHttpClient replaced the response to the upgrade, and "
                        + "dropped its socket");
    }

    @Test
    void interceptorThatChangesTheConnectionHeader() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .addNetworkInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Connection", "close")
                        .build()))
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        rig.server.acceptUpgrade().takeEnd();
        assertFailed(
                recorder.takeFailed(),
                Phase.UPGRADE,
                "invalid response to the upgrade: an interceptor of the OkHttpClient changed the request's Connection header to "
                        + "[close], so that OkHttp did not upgrade");
    }

    @Test
    void authenticatorWhoseAnswersAreAllRefused() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", "Bearer stale")
                        .build())
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.accept();
        for (int i = 0; i < 21; i++) {
            peer.readRequest();
            peer.answer("HTTP/1.1 401 Unauthorized", "Content-Length: 0");
        }
        assertRefused(
                recorder.takeFailed(),
                401,
                Duration.ZERO,
                "upgrade refused with HTTP 401, 21 times in a row: the server accepts no answer of the OkHttpClient's "
                        + "authenticator");
    }

    @Test
    void serverTextIsEscaped() throws Exception {
        TransportException failure = answered(null, head -> head.set(1, "Upgrade: \u001b[2Jh2c"));
        assertEquals(
                "invalid response to the upgrade: Upgrade is [\\u001b[2Jh2c], not websocket", failure.getMessage());
    }

    // ---- cancelled ----

    @Test
    void cancelledDuringTheUpgrade() throws Exception {
        Connection connection = rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        connection.cancel();
        assertFailed(recorder.takeFailed(), Phase.UPGRADE, "cancelled");
        peer.takeEnd();
        assertFalse(connection.sendText("x", 1));
    }

    // ---- support ----

    private interface Spoil {
        void change(List<String> head);
    }

    private TransportException answered(String subprotocol, Spoil spoil) throws Exception {
        rig.open(rig.client, rig.server.url(), subprotocol, recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        spoil.change(head);
        peer.answer(head);
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.UPGRADE, failure.phase());
        assertEquals(0, failure.httpStatus());
        peer.takeEnd();
        return failure;
    }

    private void assertWrong(String subprotocol, Spoil spoil, String message) throws Exception {
        assertEquals(
                "invalid response to the upgrade: " + message,
                answered(subprotocol, spoil).getMessage());
    }

    private TransportException answeredWith(String... head) throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer(head);
        return recorder.takeFailed();
    }

    private static void assertRefused(TransportException failure, int status, Duration retryAfter, String message) {
        assertFailed(failure, Phase.UPGRADE, message, status);
        assertEquals(retryAfter, Duration.ofNanos(failure.retryAfterNanos()));
    }

    private static void assertFailed(TransportException failure, Phase phase, String message) {
        assertFailed(failure, phase, message, 0);
    }

    private static void assertFailed(TransportException failure, Phase phase, String message, int status) {
        assertEquals(message, failure.getMessage());
        assertEquals(phase, failure.phase());
        assertEquals(status, failure.httpStatus());
    }

    private void end(Connection connection, Peer peer) throws Exception {
        connection.close(CloseStatus.of(1000, "bye"));
        peer.takeClose(1000);
        peer.closeFrame(1000, "bye");
        peer.close();
        recorder.takeClosed(1000, "bye");
    }

    /** OkHttp would give a connection whose response has no body to the next attempt, which may come at once. */
    @ParameterizedTest
    @ValueSource(strings = {"401 Unauthorized", "204 No Content"})
    void theConnectionOfARefusalWithoutBodyIsClosedBeforeTheRefusalIsReported(String status) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        recorder.onEnd = () -> {
            try {
                assertTrue(closed.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 " + status, "Content-Length: 0", "");
        peer.takeEnd();
        closed.countDown();
        assertEquals(
                Integer.parseInt(status.substring(0, 3)), recorder.takeFailed().httpStatus());
    }
}

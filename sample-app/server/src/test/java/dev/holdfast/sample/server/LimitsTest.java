package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.HttpCarrier;
import dev.holdfast.server.RateLimit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom the server lets in, for how long, and how much they may send. */
@Timeout(300)
class LimitsTest extends ServerHarness {
    private static final Duration LIFE = Duration.ofSeconds(2);

    private final SignedTokens tokens = new SignedTokens("secret".getBytes(StandardCharsets.UTF_8));

    @Test
    void pagesOfOtherOriginsAreKeptOut() throws Exception {
        ReferenceServer server = start(options().withOrigins(Set.of("https://example.com")));
        expectNew(
                keep(HandClient.connectFrom(server.url(), "https://example.com"))
                        .send("{'t':'open'}"),
                "new");
        for (String origin : new String[] {"https://example.org", "http://example.com", "null"}) {
            ExecutionException failure =
                    assertThrows(ExecutionException.class, () -> HandClient.connectFrom(server.url(), origin));
            var handshake = assertInstanceOf(WebSocketHandshakeException.class, failure.getCause());
            assertEquals(403, handshake.getResponse().statusCode());
        }
    }

    @Test
    void withoutAnyOriginNamedNoPageMayConnect() {
        ReferenceServer server = start(options());
        assertThrows(ExecutionException.class, () -> HandClient.connectFrom(server.url(), "https://example.com"));
    }

    @Test
    void aTokenIsWarnedOfAndThenEndsTheConnection() throws Exception {
        ReferenceServer server = start(options().withAuth(tokens));
        HandClient client = keep(HandClient.connectAs(server.url(), "Bearer " + tokens.issue("ada", LIFE)))
                .send("{'t':'open'}");
        Ticket ticket = expectNew(client, "new");
        JsonNode warning = client.expect("auth");
        assertFalse(warning.get("ok").asBoolean());
        assertEquals("expiring", warning.get("code").asText());
        long left = warning.get("inMs").asLong();
        assertTrue(left > 0 && left < LIFE.toMillis() / 2, warning::toString);
        assertEquals("expired", client.expect("error").get("code").asText());
        client.expectClose(4401);

        HandClient back = keep(HandClient.connect(server.url()));
        back.send("{'t':'open','auth':'" + tokens.issue("ada", LIFE) + "','sid':'" + ticket.sid() + "','key':'"
                + ticket.key() + "','last':'" + ticket.last() + "'}");
        expectResumed(back);
    }

    @Test
    void anotherTokenTakesThePlaceOfTheOneThatExpires() throws Exception {
        ReferenceServer server = start(options().withAuth(tokens));
        HandClient client =
                keep(HandClient.connect(server.url())).send("{'t':'open','auth':'" + tokens.issue("ada", LIFE) + "'}");
        expectNew(client, "new");
        assertEquals("expiring", client.expect("auth").get("code").asText());
        client.send("{'t':'auth','auth':'" + tokens.issue("ada", Duration.ofHours(1)) + "'}");
        assertTrue(client.expect("auth").get("ok").asBoolean());
        // Past the end of the first one.
        TimeUnit.MILLISECONDS.sleep(LIFE.toMillis());
        client.msg(1, "1");
        assertEquals(1, client.expect("ack").get("c").asLong());
    }

    @Test
    void whoSendsTooMuchIsSentAwayForAWhileAndLosesNothing() throws Exception {
        ReferenceServer server = start(options().withRateLimit(new RateLimit(20, 5)));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        // At once: a few more would be allowed within the time that a busy machine takes to send ten.
        client.sendRaw(IntStream.rangeClosed(1, 10)
                .mapToObj(seq -> "{\"t\":\"msg\",\"c\":" + seq + ",\"d\":" + seq + "}")
                .collect(Collectors.joining(",", "[", "]")));
        long acknowledged = 0;
        JsonNode error = client.expectAnswer();
        while (error.get("t").asText().equals("ack")) {
            acknowledged = error.get("c").asLong();
            error = client.expectAnswer();
        }
        assertEquals("rate", error.path("code").asText());
        long wait = error.get("retryAfterMs").asLong();
        assertTrue(wait > 150 && wait <= 250, error.toString());
        client.expectClose(4429);
        TimeUnit.MILLISECONDS.sleep(wait);

        HandClient back = resume(server, ticket);
        long handled = expectResumed(back).handledSeq();
        assertEquals(acknowledged, handled);
        assertTrue(handled >= 5 && handled < 10, () -> "handled " + handled);
        back.expect("live");
        for (long seq = handled + 1; seq <= 10; seq++) back.msg(seq, Long.toString(seq));
        while (back.expect("ack").get("c").asLong() < 10) {
            // Acknowledged in as many steps as it took.
        }
        for (int seq = 1; seq <= 10; seq++)
            assertEquals(Integer.toString(seq), handled().text());
    }

    /** 413 stops a client, so only a request that is too long may get it. */
    @Test
    void aRequestThatBreaksOffIsNotTakenForOneThatIsTooLong() throws Exception {
        ReferenceServer server = start(options());
        assertEquals("HTTP/1.1 400 Bad Request", statusOf(server, 100, "[]"));
        assertEquals("HTTP/1.1 200 OK", statusOf(server, 2, "[]"));
        int tooLong = HttpCarrier.MAX_BODY_BYTES + 1;
        assertEquals("HTTP/1.1 413 Payload Too Large", statusOf(server, tooLong, "[" + " ".repeat(tooLong - 2) + "]"));
    }

    private static String statusOf(ReferenceServer server, int length, String body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String head = "POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}

package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The streams as a whole: both kinds of payload, both ways, from the first message to the end of the session. */
class StreamsTest extends ServerHarness {
    @Test
    void binaryMessagesShareTheStreams() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        client.msg(1, "1");
        client.binary(binary(2, "two")).binary(binary(3, ""));
        client.msg(4, "4");
        assertEquals("1", handled().text());
        Handled two = handled();
        assertEquals(2, two.seq());
        assertArrayEquals("two".getBytes(StandardCharsets.UTF_8), ((Payload.Binary) two.payload()).bytes());
        assertEquals(0, ((Payload.Binary) handled().payload()).bytes().length);
        assertEquals("4", handled().text());
        while (client.expect("ack").get("c").asLong() < 4) {
            // Acknowledged in as many steps as it took.
        }

        session.send(json("a"));
        String b = session.sendBinary(new byte[] {0, 1, (byte) 0xff});
        client.expectMsg("\"a\"");
        byte[] message = client.expectBinary();
        assertEquals(1, message[0]);
        assertEquals(b.length(), message[1]);
        assertEquals(b, new String(message, 2, b.length(), StandardCharsets.US_ASCII));
        assertArrayEquals(new byte[] {0, 1, (byte) 0xff}, Arrays.copyOfRange(message, 2 + b.length(), message.length));
        client.abort();

        HandClient again = resume(server, ticket);
        expectResumed(again);
        again.expectMsg("\"a\"");
        assertArrayEquals(message, again.expectBinary());
        again.expect("live");
        again.ack(b);
        await(() -> session.unackedCount() == 0);
    }

    @Test
    void messagesMayShareAFrame() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        expectNew(client, "new");
        client.send("[{'t':'msg','c':1,'d':1},{'t':'msg','c':2,'d':[2]}]");
        assertEquals("1", handled().text());
        assertEquals("[2]", handled().text());
        client.send("[{'t':'msg','c':2,'d':2},{'t':'msg','c':3,'d':3}]");
        assertEquals("3", handled().text());
        while (client.expect("ack").get("c").asLong() < 3) {
            // Acknowledged in as many steps as it took.
        }
        client.send("[{'t':'msg','c':4,'d':4},{'t':'bye'}]");
        client.expect("error");
        client.expectClose(4400);
    }

    @Test
    void theServerWaitsForAcknowledgements() throws Exception {
        ReferenceServer server = start(options().withMaxUnacked(2));
        HandClient client = open(server);
        expectNew(client, "new");
        ServerSession session = session();
        for (int i = 1; i <= 5; i++) {
            session.send(json("m" + i));
        }
        client.expectMsg("\"m1\"");
        String second = client.expectMsg("\"m2\"");
        client.expectNothingElse();
        client.ack(second);
        client.expectMsg("\"m3\"");
        client.expectMsg("\"m4\"");
        client.expectNothingElse();
    }

    @Test
    @Timeout(300)
    void tenThousandMessagesEachWay() throws Exception {
        int count = 10_000;
        ReferenceServer server = start(options());
        HandClient client = open(server);
        expectNew(client, "new");
        ServerSession session = session();
        Thread sender = new Thread(() -> {
            for (int i = 1; i <= count; i++) {
                session.send(json("message number " + i));
            }
        });
        sender.start();
        long acked = 0;
        int heard = 0;
        int sent = 0;
        while (heard < count || acked < count) {
            if (sent < count && sent - acked < 500) {
                client.msg(++sent, "{\"text\":\"message number\"}");
                if (sent % 100 != 0 && sent < count) {
                    continue;
                }
            }
            JsonNode envelope = ((HandClient.Envelope) client.next()).json();
            if (envelope.get("t").asText().equals("ack")) {
                acked = envelope.get("c").asLong();
            } else {
                heard++;
                assertEquals("message number " + heard, envelope.get("d").asText());
                if (heard % 64 == 0) {
                    client.ack(envelope.get("id").asText());
                }
            }
        }
        sender.join();
        assertEquals(count, handled.size());
        assertEquals(0, server.stats().duplicates());
    }

    @Test
    void aCredentialThatExpiresIsWarnedOf() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        expectNew(client, "new");
        session().warnCredentialExpiring(Duration.ofSeconds(30));
        JsonNode auth = client.expect("auth");
        assertFalse(auth.get("ok").asBoolean());
        assertEquals("expiring", auth.get("code").asText());
        assertEquals(30_000, auth.get("inMs").asLong());
    }

    @Test
    void byeEndsTheSession() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").send("{'t':'bye'}").msg(2, "2").send("{'t':'gibberish'}");
        client.expect("ack");
        client.expectNothingElse();
        client.closeNormally();
        client.expectClose(1000);
        assertFalse(session().alive());
        assertEquals(0, server.stats().sessions());
        assertEquals(1, server.stats().handled(), "what follows bye is nobody's");
        assertEquals(0, expectNew(resume(server, ticket), "unknown").handledSeq());
    }

    @Test
    void aCloseWithoutByeEndsNothing() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.closeNormally();
        client.expectClose(1000);
        expectResumed(resume(server, ticket));
    }
}

package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.MessageHandler;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.StreamMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What reaches the application: every message once and in order, and its verdict back to the client. */
class HandlingTest extends ServerHarness {
    @Test
    void messagesAreHandledOnceAndInOrder() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "{\"n\":1.10}").msg(2, "[null]");
        await(() -> server.stats().handled() == 2);
        client.abort();

        HandClient again = resume(server, ticket);
        assertEquals(2, expectResumed(again).handledSeq());
        again.expect("live");
        again.msg(1, "\"again\"").msg(2, "\"again\"");
        assertEquals(2, again.expect("ack").get("c").asLong());
        again.msg(3, "3");
        JsonNode ack = again.expect("ack");
        while (ack.get("c").asLong() < 3) {
            ack = again.expect("ack");
        }

        assertEquals("{\"n\":1.10}", handled().text());
        assertEquals("[null]", handled().text());
        assertEquals("3", handled().text());
        assertTrue(handled.isEmpty());
        assertEquals(2, server.stats().duplicates());
        assertEquals(3, session().handledSeq());
    }

    @Test
    void acknowledgementsAreCoalesced() throws Exception {
        ReferenceServer server = start(options().withAckEvery(4).withAckDelay(Duration.ofSeconds(60)));
        HandClient client = open(server);
        expectNew(client, "new");
        for (int seq = 1; seq <= 9; seq++) {
            client.msg(seq, "0");
        }
        long first = client.expect("ack").get("c").asLong();
        // One that the next catches up with on its way to the socket is not sent.
        if (first != 8) {
            assertEquals(4, first);
            assertEquals(8, client.expect("ack").get("c").asLong());
        }
        await(() -> server.stats().handled() == 9);
        client.expectNothingElse();
        // Before a clean close, what is owed is sent.
        client.send("{'t':'bye'}");
        assertEquals(9, client.expect("ack").get("c").asLong());
    }

    @Test
    void theApplicationSeesIdempotencyKeys() throws Exception {
        ReferenceServer server = start(options());
        List<String> keys = new ArrayList<>();
        server.onMessage(new MessageHandler() {
            @Override
            public HandlerResult handle(ServerSession session, long seq, Payload payload) {
                throw new AssertionError("the other one is called");
            }

            @Override
            public HandlerResult handle(
                    ServerSession session, long seq, Payload payload, @Nullable String idempotencyKey) {
                keys.add(String.valueOf(idempotencyKey));
                return HandlerResult.accepted();
            }
        });
        HandClient client = open(server);
        expectNew(client, "new");
        client.send("{'t':'msg','c':1,'d':0,'k':'order-7'}").expect("ack");
        client.msg(2, "0").expect("ack");
        assertEquals(List.of("order-7", "null"), keys);
    }

    @Test
    void aRefusalIsAMessageOfTheStream() throws Exception {
        ReferenceServer server = start(options());
        server.onMessage((session, seq, payload) ->
                seq == 2 ? HandlerResult.rejected("full", "no room for it") : HandlerResult.accepted());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        session.send(json("a"));
        String a = client.expectMsg("\"a\"");
        client.msg(1, "1");
        assertEquals(1, client.expect("ack").get("c").asLong());
        client.msg(2, "2");
        JsonNode reject = client.expect("reject");
        assertEquals(2, reject.get("c").asLong());
        assertEquals("full", reject.get("code").asText());
        assertEquals("no room for it", reject.get("message").asText());
        assertEquals(2, client.expect("ack").get("c").asLong());
        session.send(json("b"));
        client.expectMsg("\"b\"");
        client.abort();

        HandClient again = resume(server, ticket.at(a));
        assertEquals(2, expectResumed(again).handledSeq());
        assertEquals(reject, again.expect("reject"));
        again.expectMsg("\"b\"");
        again.expect("live");
        again.ack(reject.get("id").asText());
        await(() -> session.unackedCount() == 1);
    }

    /** Lua takes no more than 8,000 arguments. */
    @Test
    void aHandlerMayAnswerWithThousandsOfMessages() throws Exception {
        ReferenceServer server = start(options());
        StreamMessage[] answers = new StreamMessage[5_000];
        Arrays.fill(answers, StreamMessage.json(json("one of many")));
        server.onMessage((session, seq, payload) -> HandlerResult.accepted(answers));
        HandClient client = open(server);
        expectNew(client, "new");
        client.msg(1, "1");
        await(() -> server.stats().handled() == 1);
        assertEquals(answers.length, session().unackedCount());
    }

    @Test
    void noAcknowledgementOvertakesTheRefusalThatItCovers() throws Exception {
        ReferenceServer server = start(options().withMaxUnacked(1).withAckEvery(1));
        server.onMessage(
                (session, seq, payload) -> seq == 2 ? HandlerResult.rejected("no", "no") : HandlerResult.accepted());
        HandClient client = open(server);
        expectNew(client, "new");
        session().send(json("the window is full with this"));
        String first = client.expect("msg").get("id").asText();
        client.msg(1, "1");
        assertEquals(1, client.expect("ack").get("c").asLong());
        client.msg(2, "2").msg(3, "3");
        await(() -> server.stats().handled() == 3);
        client.expectNothingElse();
        client.ack(first);
        client.expect("reject");
        assertEquals(3, client.expect("ack").get("c").asLong());
    }

    @Test
    void aHandlerThatFailsHasNotHandled() throws Exception {
        ReferenceServer server = start(options());
        AtomicBoolean broken = new AtomicBoolean(true);
        server.onMessage((session, seq, payload) -> {
            if (broken.get()) {
                throw new IllegalStateException("disk full");
            }
            return HandlerResult.accepted();
        });
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").expect("error");
        client.expectClose(1011);
        broken.set(false);
        HandClient again = resume(server, ticket);
        assertEquals(0, expectResumed(again).handledSeq());
        again.expect("live");
        again.msg(1, "1");
        assertEquals(1, again.expect("ack").get("c").asLong());
    }

    @Test
    void aHandlerThatBlocksHoldsUpNeitherPingsNorTheStreamToTheClient() throws Exception {
        ReferenceServer server = start(options());
        AtomicBoolean release = new AtomicBoolean();
        server.onMessage((session, seq, payload) -> {
            await(release::get);
            return HandlerResult.accepted();
        });
        HandClient client = open(server);
        expectNew(client, "new");
        client.msg(1, "1").msg(2, "2").ping().expectPong();
        session().send(json("meanwhile"));
        client.expectMsg("\"meanwhile\"");
        release.set(true);
        while (client.expect("ack").get("c").asLong() < 2) {
            // Acknowledged in as many steps as it took.
        }
    }

    @Test
    void aFullWindowBehindAHandlerThatBlocksLeavesPingsAnswered() throws Exception {
        int window = 2_000;
        ReferenceServer server = start(options().withMaxUnacked(window).withMaxBytes(4L * 1024 * 1024));
        AtomicBoolean release = new AtomicBoolean();
        server.onMessage((session, seq, payload) -> {
            await(release::get);
            return HandlerResult.accepted();
        });
        HandClient client = open(server);
        expectNew(client, "new");
        String payload = "\"" + "x".repeat(2_000) + "\"";
        for (int seq = 1; seq <= window; seq++) client.msg(seq, payload);
        client.ping().expectPong();
        release.set(true);
        while (client.expect("ack").get("c").asLong() < window) {
            // Acknowledged in as many steps as it took.
        }
    }
}

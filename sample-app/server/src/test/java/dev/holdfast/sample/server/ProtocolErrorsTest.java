package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.server.ServerSession;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server does not put up with, and how it says so. */
class ProtocolErrorsTest extends ServerHarness {
    @Test
    void aGapIsAProtocolError() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").msg(3, "3");
        assertEquals(1, client.expect("ack").get("c").asLong());
        assertEquals("gap", client.expect("error").get("code").asText());
        client.expectClose(4400);
        assertEquals(1, server.stats().protocolErrors());
        assertEquals(1, expectResumed(resume(server, ticket)).handledSeq());
    }

    @Test
    void acknowledgingWhatWasNeverSentIsAProtocolError() throws Exception {
        ReferenceServer server = start(options());
        for (String id : List.of("nonsense", "e1-1", "ahead")) {
            HandClient client = open(server);
            Ticket ticket = expectNew(client, "new");
            client.ack(id.equals("ahead") ? ticket.last().replaceAll("0$", "1") : id);
            assertEquals("ack", client.expect("error").get("code").asText());
            client.expectClose(4400);
        }
    }

    @Test
    void acknowledgingWhatWaitsBehindTheWindowIsAProtocolError() throws Exception {
        ReferenceServer server = start(options().withMaxUnacked(1));
        HandClient client = open(server);
        expectNew(client, "new");
        ServerSession session = session();
        session.send(json("a"));
        String b = session.send(json("b"));
        client.expectMsg("\"a\"");
        client.ack(b).expect("error");
        client.expectClose(4400);
        assertEquals(2, session.unackedCount());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'t':'fly'}",
                "{'t':'msg','c':1}",
                "{'t':'msg','d':1}",
                "{'t':'msg','c':0,'d':1}",
                "{'t':'msg','c':9007199254740992,'d':1}",
                "{'t':'msg','c':1.0,'d':1}",
                "{'t':'msg','c':'1','d':1}",
                "{'t':'ack'}",
                "{'t':'ack','last':7}",
                "{'t':'auth'}",
                "{'t':'open'}",
                "{'t':7}",
                "{'c':1}",
                "[]",
                "{'t':'bye'} {}",
                "{'t':'by",
                "[{'t':'msg','c':1,'d':1},{'t':'ack','last':'x'}]",
                "[[{'t':'msg','c':1,'d':1}]]",
                "{'t':'msg','c':1e0,'d':1}",
                ""
            })
    void whatIsNoEnvelopeIsAProtocolError(String text) throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        expectNew(client, "new");
        client.send(text).expect("error");
        client.expectClose(4400);
        assertTrue(handled.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'t':'msg','c':1,'d':1}", "{'t':'bye'}", "{'t':'open','sid':1}"})
    void theFirstEnvelopeMustBeOpen(String text) throws Exception {
        ReferenceServer server = start(options());
        HandClient client = keep(HandClient.connect(server.url()));
        client.send(text).expect("error");
        client.expectClose(4400);
        assertEquals(0, server.stats().sessions());
    }

    @Test
    void membersThatNobodyKnowsAreIgnored() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = keep(HandClient.connect(server.url()));
        client.send("{'t':'open','meta':{'app':'test'},'later':[1]}");
        expectNew(client, "new");
        client.send("{'t':'msg','c':1,'d':null,'k':'order-7','later':true}").expect("ack");
    }

    @Test
    void aBinaryMessageMustBeOfTheProtocol() throws Exception {
        ReferenceServer server = start(options());
        byte[] wrongPrefix = binary(1, "x");
        wrongPrefix[0] = 2;
        for (byte[] message :
                List.of(wrongPrefix, new byte[0], new byte[] {1, 0, 0}, binary(0, "x"), binary(-1, "x"))) {
            HandClient client = open(server);
            expectNew(client, "new");
            client.binary(message).expect("error");
            client.expectClose(4400);
        }
        HandClient early = keep(HandClient.connect(server.url()));
        early.binary(binary(1, "x")).expect("error");
        early.expectClose(4400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sid", "key", "last"})
    void theClientsNamesHaveABound(String member) throws Exception {
        ReferenceServer server = start(options());
        String longest = "x".repeat(1024);
        HandClient good = keep(HandClient.connect(server.url()));
        good.send("{'t':'open','sid':'s','key':'k','last':'p','" + member + "':'" + longest + "'}");
        expectNew(good, "unknown");
        HandClient bad = keep(HandClient.connect(server.url()));
        bad.send("{'t':'open','sid':'s','key':'k','last':'p','" + member + "':'" + longest + "x'}");
        assertEquals("malformed", bad.expect("error").get("code").asText());
        bad.expectClose(4400);
    }

    @Test
    void aMessageOverTheLimitIsRefused() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        expectNew(client, "new");
        client.binary(new byte[16 * 1024 * 1024 + 1]);
        assertEquals("too-large", client.expect("error").get("code").asText());
        client.expectClose(4413);
    }
}

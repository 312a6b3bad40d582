package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client that comes back is given, and what it is told when it cannot be. */
class ReplayTest extends ServerHarness {
    @Test
    void everyMessageAfterTheLastOneIsReplayedBeforeLive() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        session.send(json("a"));
        String b = session.send(json("b"));
        client.expectMsg("\"a\"");
        assertEquals(b, client.expectMsg("\"b\""));
        client.abort();
        String c = session.send(json("c"));
        String d = session.send(json("d"));

        HandClient again = resume(server, ticket.at(b));
        assertEquals(b, expectResumed(again).last());
        assertEquals(c, again.expectMsg("\"c\""));
        assertEquals(d, again.expectMsg("\"d\""));
        again.expect("live");
        session.send(json("e"));
        again.expectMsg("\"e\"");
        again.expectNothingElse();
    }

    @Test
    void whatAClientHasIsNotWhatItHasHandled() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        session.send(json("a"));
        String b = session.send(json("b"));
        client.expectMsg("\"a\"");
        client.expectMsg("\"b\"");
        client.abort();

        HandClient again = resume(server, ticket.at(b));
        Ticket renewed = expectResumed(again);
        again.expect("live");
        again.msg(1, "1").expect("ack");
        again.abort();

        // Its process died with both of them unhandled.
        HandClient restored = resume(server, renewed.at(ticket.last()));
        expectResumed(restored);
        restored.expectMsg("\"a\"");
        restored.expectMsg("\"b\"");
        restored.expect("live");
    }

    @Test
    void theWindowOfAConnectionDoesNotCountWhatOlderOnesSent() throws Exception {
        ReferenceServer server = start(options().withMaxUnacked(2));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        session.send(json("a"));
        String b = session.send(json("b"));
        client.expectMsg("\"a\"");
        client.expectMsg("\"b\"");
        client.abort();
        session.send(json("c"));
        session.send(json("d"));
        session.send(json("e"));

        HandClient again = resume(server, ticket.at(b));
        expectResumed(again);
        again.expectMsg("\"c\"");
        String d = again.expectMsg("\"d\"");
        again.expectNothingElse();
        again.ack(d).expectMsg("\"e\"");
        again.expect("live");
    }

    @Test
    void whatIsSentDuringTheReplayComesBehindIt() throws Exception {
        int before = 5_000;
        int during = 5_000;
        ReferenceServer server = start(options().withMaxUnacked(100_000).withMaxBytes(1L << 30));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        client.abort();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < before; i++) {
            ids.add(session.send(json("m" + i)));
        }

        HandClient again = resume(server, ticket);
        expectResumed(again);
        for (int i = before; i < before + during; i++) {
            ids.add(session.send(json("m" + i)));
        }

        List<String> heard = new ArrayList<>();
        int live = -1;
        while (heard.size() < before + during) {
            JsonNode envelope = ((HandClient.Envelope) again.next()).json();
            if (envelope.get("t").asText().equals("live")) {
                live = heard.size();
            } else {
                assertEquals("m" + heard.size(), envelope.get("d").asText());
                heard.add(envelope.get("id").asText());
            }
        }
        assertEquals(ids, heard);
        assertTrue(live >= before, "live after " + live);
    }

    @Test
    void anAcknowledgementTrimsTheLog() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        String a = session.send(json("a"));
        String b = session.send(json("b"));
        String c = session.send(json("c"));
        client.expectMsg("\"a\"");
        client.expectMsg("\"b\"");
        client.expectMsg("\"c\"");
        assertNull(session.ackedId());
        assertEquals(3, session.unackedCount());

        client.ack(b);
        await(() -> b.equals(session.ackedId()));
        assertEquals(1, session.unackedCount());
        // Told again, or told of an earlier one: nothing new.
        client.ack(b).ack(a).ack(ticket.last()).expectNothingElse();
        client.msg(1, "1").expect("ack");
        assertEquals(b, session.ackedId());

        client.abort();
        HandClient again = resume(server, ticket.at(b));
        expectResumed(again);
        assertEquals(c, again.expectMsg("\"c\""));
        again.expect("live");
        again.abort();

        // Acknowledged history is gone: who asks for it gets none of it.
        HandClient forgetful = resume(server, ticket.at(a));
        Ticket fresh = expectNew(forgetful, "trimmed");
        assertEquals(1, fresh.handledSeq());
        assertNotEquals(ticket.sid(), fresh.sid());
        forgetful.expectNothingElse();
        assertFalse(session.alive());
        assertEquals(1, expectNew(resume(server, ticket.at(a)), "trimmed").handledSeq());
    }

    @Test
    void aLogThatIsFullForgetsItsOldest() throws Exception {
        ReferenceServer server = start(options().withLogLimit(3));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        String a = session.send(json("a"));
        client.expectMsg("\"a\"");
        client.abort();
        await(() -> !session.connected());
        for (String text : List.of("b", "c", "d")) {
            session.send(json(text));
        }
        assertEquals(3, session.unackedCount());
        HandClient inTime = resume(server, ticket.at(a));
        Ticket renewed = expectResumed(inTime);
        inTime.expectMsg("\"b\"");
        inTime.abort();
        await(() -> !session.connected());

        session.send(json("e"));
        expectNew(resume(server, renewed.at(a)), "trimmed");
    }

    @Test
    void aClientThatIsTooSlowForTheLogIsClosedAndToldWhenItComesBack() throws Exception {
        ReferenceServer server = start(options().withLogLimit(3).withMaxUnacked(1));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        String a = session.send(json("a"));
        client.expectMsg("\"a\"");
        for (int i = 0; i < 600; i++) {
            session.send(json("more"));
        }
        client.ack(a);
        for (HandClient.Event event = client.next(); !(event instanceof HandClient.Closed); event = client.next()) {
            JsonNode envelope = ((HandClient.Envelope) event).json();
            client.ack(envelope.get("id").asText());
        }
        expectNew(resume(server, ticket.at(a)), "trimmed");
    }

    @Test
    void theSweeperFindsWhatNobodyResumes() throws Exception {
        ReferenceServer server = start(options().withTtl(Duration.ofMillis(40)));
        HandClient client = open(server);
        expectNew(client, "new");
        ServerSession session = session();
        client.abort();
        await(() -> !session.alive());
        await(() -> server.stats().sessions() == 0);
        session.send(json("into the void"));
        assertEquals(0, session.unackedCount());
    }

    @Test
    void allSessionsCanBeExpired() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").expect("ack");

        server.expireSessions();

        client.expectClose(1001);
        assertEquals(1, expectNew(resume(server, ticket), "expired").handledSeq());
        Ticket wrong = new Ticket(ticket.sid(), "A".repeat(43), ticket.last(), 0);
        assertEquals(0, expectNew(resume(server, wrong), "unknown").handledSeq());
    }

    @Test
    void aPositionThatTheLogNeverGaveIsOfAnotherEpoch() throws Exception {
        ReferenceServer server = start(options());
        for (String last : List.of("e1-7", "nonsense", "")) {
            HandClient client = open(server);
            Ticket ticket = expectNew(client, "new");
            client.abort();
            expectNew(resume(server, ticket.at(last)), "epoch");
        }
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        String ahead = ticket.last().replaceAll("0$", "9");
        expectNew(resume(server, ticket.at(ahead)), "epoch");
        client.expectClose(4409);
    }

    @Test
    void wipedLogsAreAnotherEpoch() throws Exception {
        SessionStore store = keep(newStore());
        ReferenceServer server = start(options().withStore(store));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").expect("ack");
        store.loseLogs();
        client.expectClose(1001);
        assertEquals(1, expectNew(resume(server, ticket), "epoch").handledSeq());
    }

    @Test
    void aServerThatIsRestartedWithItsStoreGoesOn() throws Exception {
        SessionStore store = keep(newStore());
        ReferenceServer server = start(options().withStore(store));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        ServerSession session = session();
        String a = session.send(json("a"));
        client.expectMsg("\"a\"");
        client.msg(1, "1").expect("ack");

        server.close();
        client.expectClose(1001);
        session.send(json("b"));
        ReferenceServer restarted = start(options().withStore(store).withPort(server.port()));
        assertEquals(server.url(), restarted.url());

        HandClient again = resume(restarted, ticket.at(a));
        assertEquals(1, expectResumed(again).handledSeq());
        again.expectMsg("\"b\"");
        again.expect("live");
        again.msg(2, "2").expect("ack");
        assertEquals(1, handled().seq());
        assertEquals(2, handled().seq());
    }

    @Test
    void aServerThatIsRestartedWithoutItsStoreKnowsNobody() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        server.close();
        ReferenceServer restarted = start(options().withPort(server.port()));
        expectNew(resume(restarted, ticket), "unknown");
    }

    @Test
    void aDroppedConnectionIsResetAndResumed() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        server.dropConnections();
        client.expectFailure();
        expectResumed(resume(server, ticket));
    }

    @Test
    void aDrainingServerSendsItsClientsToAnotherConnection() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        HandClient lazy = open(server);
        expectNew(lazy, "new");

        server.drain(Duration.ofMillis(300));

        assertEquals(300, client.expect("reconnect").get("afterMs").asLong());
        lazy.expect("reconnect");
        HandClient handover = resume(server, ticket);
        expectResumed(handover);
        handover.expect("live");
        client.expectClose(4409);
        lazy.expectClose(1001);
        handover.expectNothingElse();
    }

    @Test
    void aRefusalLostWithItsSessionDoesNotPassForAnAcknowledgement() throws Exception {
        ReferenceServer server = start(options());
        server.onMessage((session, seq, payload) ->
                seq == 2 || seq == 4 ? HandlerResult.rejected("no", "no") : HandlerResult.accepted());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        for (int seq = 1; seq <= 5; seq++) client.msg(seq, "1");
        String first = client.expectAfterAcks("reject").get("id").asText();
        String second = client.expectAfterAcks("reject").get("id").asText();
        ServerSession session = session();
        client.ack(first);
        await(() -> first.equals(session.ackedId()));
        client.abort();

        server.expireSessions();
        assertEquals(3, expectNew(resume(server, ticket.at(second)), "expired").handledSeq());
    }
}

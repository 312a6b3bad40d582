package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** The server with clients that know more or less of the protocol than it does. */
class OtherVersionsTest extends ServerHarness {
    private static final String FUTURE = ",'future':{'t':'bye','c':[1,{'last':'x'}]}}";

    @Test
    void aNewerClientsMembersAreIgnoredInEveryEnvelope() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = keep(HandClient.connect(server.url()));
        client.send("{'t':'open','meta':{'app':'test'},'features':['reject-batch']" + FUTURE);
        Ticket ticket = expectNew(client, "new");
        String entry = session().send(json("a"));
        client.expectMsg("\"a\"");
        client.send("{'t':'msg','c':1,'d':null" + FUTURE);
        client.send("[{'t':'msg','c':2,'d':1" + FUTURE + ",{'t':'msg','c':3,'d':2" + FUTURE + "]");
        client.send("{'t':'ack','last':'" + entry + "'" + FUTURE);
        long acknowledged = 0;
        while (acknowledged < 3) {
            acknowledged = client.expect("ack").get("c").asLong();
        }
        client.send("{'t':'auth','auth':{'scheme':'new'}" + FUTURE);
        assertTrue(client.expect("auth").get("ok").asBoolean());
        client.send("{'t':'bye'" + FUTURE).closeNormally();
        client.expectClose(1000);
        expectNew(resume(server, ticket.at(entry)), "unknown");
        assertEquals(3, server.stats().handled());
    }

    @Test
    void anOlderClientSaysOnlyWhatIsRequired() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        session().send(json("a"));
        client.expectMsg("\"a\"");
        client.msg(1, "1").expect("ack");
        client.abort();

        // Without last: from the beginning, and the server does not say where that is.
        HandClient again = keep(HandClient.connect(server.url()));
        again.send("{'t':'open','sid':'" + ticket.sid() + "','key':'" + ticket.key() + "'}");
        JsonNode welcome = again.expect("welcome");
        assertTrue(welcome.get("resumed").asBoolean());
        assertFalse(welcome.has("last"), welcome::toString);
        assertEquals(1, welcome.get("c").asLong());
        again.expectMsg("\"a\"");
        again.expect("live");
        again.msg(2, "2").expect("ack");
    }

    @Test
    void membersThatAreNullAreLeftOut() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = keep(HandClient.connect(server.url()));
        client.send("{'t':'open','sid':null,'key':null,'last':null,'auth':null,'meta':null}");
        expectNew(client, "new");
        client.send("{'t':'msg','c':1,'d':null,'k':null}").expect("ack");
    }

    @Test
    void aKeyWithoutASessionIsIgnored() throws Exception {
        ReferenceServer server = start(options());
        HandClient client = keep(HandClient.connect(server.url()));
        client.send("{'t':'open','key':'k','last':'e1-1'}");
        expectNew(client, "new");
    }
}

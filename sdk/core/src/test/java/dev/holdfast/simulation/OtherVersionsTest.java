package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The client with servers that are newer or older than the protocol that it knows. */
class OtherVersionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FUTURE = "\"future\":{\"t\":\"live\",\"c\":[1,{\"id\":\"x\"}]}";

    private final World world = new World(1);
    private final ModelServer server = new ModelServer(world);
    private final SimTransport transport = new SimTransport(world, server);
    private final List<Long> received = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final List<SessionLoss> losses = new ArrayList<>();
    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onMessage(HoldfastClient from, Message message) {
            String text = message.isBinary() ? message.bytes().utf8() : message.text();
            if (text.startsWith("{")) text = (String) message.read(Map.class).get("m");
            received.add(Numbered.parse(text).number);
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            failures.add(failure.message());
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            losses.add(loss);
        }
    };
    private final HoldfastClient client = TestHooks.in(
                    new Environment(
                            world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport),
                    HoldfastClient.builder("ws://simulated.example/"))
            .session(Session.resumable())
            .listener(listener)
            .build();

    private static UnaryOperator<String> changing(Consumer<ObjectNode> change) {
        return text -> {
            try {
                ObjectNode envelope = (ObjectNode) JSON.readTree(text);
                change.accept(envelope);
                return envelope.toString();
            } catch (JsonProcessingException e) {
                throw new AssertionError(e);
            }
        };
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {
            // Until nothing happens any more.
        }
    }

    private void assertAllGoesOnOverTwoConnections() {
        server.refusal = 0.2;
        client.connect();
        pass(1);
        List<Delivery> deliveries = new ArrayList<>();
        for (long number = 1; number <= 60; number++) {
            if (number == 30) transport.connections().get(0).cut();
            deliveries.add(client.send(Numbered.text("c", number, 3)));
            server.sendToAll();
            pass(number % 10 == 0 ? 1 : 0);
        }
        pass(10);
        List<Long> all = LongStream.rangeClosed(1, 60).boxed().collect(Collectors.toList());
        assertEquals(all, received);
        assertEquals(List.of("connection reset"), failures);
        assertEquals(List.of(), losses);
        for (int i = 0; i < deliveries.size(); i++) {
            boolean refused = server.refused.contains(i + 1L);
            assertEquals(
                    refused ? Outcome.Kind.REJECTED : Outcome.Kind.ACKNOWLEDGED,
                    deliveries.get(i).outcomeNow().kind());
        }
        assertTrue(server.refused.size() > 3, "few refusals");
    }

    @Test
    void membersOfANewerServerAreIgnoredBehindTheOthers() {
        server.dialect = text -> text.substring(0, text.length() - 1) + "," + FUTURE + "}";
        assertAllGoesOnOverTwoConnections();
    }

    @Test
    void membersOfANewerServerAreIgnoredBeforeTheOthers() {
        server.dialect = text -> "{" + FUTURE + "," + text.substring(1);
        assertAllGoesOnOverTwoConnections();
    }

    @Test
    void anOlderServerNeedsToSayOnlyWhatIsRequired() {
        server.dialect = changing(envelope -> {
            if (envelope.path("resumed").asBoolean()) envelope.remove("last");
            envelope.remove(List.of("ttl", "maxUnacked", "maxBytes", "maxMessage", "batch", "reason"));
        });
        assertAllGoesOnOverTwoConnections();
    }

    @Test
    void membersThatAreNullAreLeftOut() {
        server.dialect = changing(envelope -> {
            if (!envelope.path("t").asText().equals("welcome")) return;
            if (envelope.path("resumed").asBoolean()) envelope.putNull("last");
            for (String member : List.of("ttl", "maxUnacked", "maxBytes", "maxMessage", "batch", "reason")) {
                envelope.putNull(member);
            }
        });
        assertAllGoesOnOverTwoConnections();
    }

    @Test
    void aReasonThatOnlyANewerServerKnowsIsALossLikeAnyOther() {
        server.dialect = changing(envelope -> {
            if (envelope.path("reason").asText().equals("expired")) envelope.put("reason", "merged");
        });
        client.connect();
        pass(1);
        server.expireAll();
        pass(10);
        assertEquals(1, losses.size());
        assertEquals("merged", losses.get(0).reason());
        Delivery delivery = client.send(Numbered.text("c", 1, 0));
        pass(5);
        assertEquals(Outcome.acknowledged(), delivery.outcomeNow());
    }

    @Test
    void aCloseCodeThatOnlyANewerServerKnowsIsALostConnection() {
        client.connect();
        pass(1);
        server.closeAll(4999, "later");
        pass(10);
        Delivery delivery = client.send(Numbered.text("c", 1, 0));
        pass(5);
        assertEquals(Outcome.acknowledged(), delivery.outcomeNow());
        assertEquals(List.of(), losses);
    }
}

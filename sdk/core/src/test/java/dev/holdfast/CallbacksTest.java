package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Headers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The listener, the lambdas and the typed messages of one builder. */
class CallbacksTest {
    record Chat(String text) {}

    private final List<String> calls = new ArrayList<>();
    private final List<Throwable> uncaught = new ArrayList<>();
    private final HoldfastClient client =
            HoldfastClient.builder("ws://localhost:1/").build();

    @BeforeEach
    void collectUncaught() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    }

    @AfterEach
    void letGo() {
        Thread.currentThread().setUncaughtExceptionHandler(null);
        client.cancel();
    }

    private static HoldfastClientBuilder builder() {
        return HoldfastClient.builder("ws://localhost:1/");
    }

    private static Message text(String text) {
        return new Message(null, Payload.text(text), new Payloads(null));
    }

    @Test
    void theIdentityOfAMessageIsThatOfItsSessionAndItsId() {
        Payload payload = Payload.text("");
        Payloads payloads = new Payloads(null);
        assertEquals("sid 1-0", new Message("sid", "1-0", payload, payloads, null).identity());
        assertEquals("17", new Message(null, "17", payload, payloads, null).identity());
        assertNull(new Message(null, payload, payloads).identity());
        List<Message> received = new ArrayList<>();
        ListenerAdapter adapter = new ListenerAdapter(
                client,
                new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        received.add(message);
                    }
                },
                payloads,
                null);
        adapter.onMessage(new Inbound("1-0", payload, 0).in("sid"));
        assertEquals("sid 1-0", received.get(0).identity());
    }

    // ---- lambdas ----

    private final class Recorder implements HoldfastListener {
        @Override
        public void onState(HoldfastClient from, ClientState state) {
            calls.add("listener " + state);
        }

        @Override
        public void onOpen(HoldfastClient from, Opening opening) {
            calls.add("listener opening " + opening.attempt());
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            calls.add("listener " + message.text());
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            calls.add("listener failure");
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            calls.add("listener lost");
        }

        @Override
        public void onBackpressure(HoldfastClient from, boolean pressed) {
            calls.add("listener pressed " + pressed);
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            calls.add("listener " + reason.code());
        }
    }

    private void callAll(HoldfastListener listener) {
        listener.onState(client, ClientState.OPEN);
        listener.onOpen(client, new Opening(Headers.of(), false, 0, 7));
        listener.onMessage(client, text("m"));
        listener.onConnectionFailure(client, null);
        listener.onSessionLost(client, null);
        listener.onBackpressure(client, true);
        listener.onClosed(client, new CloseReason(1000, ""));
    }

    private HoldfastClientBuilder lambdas() {
        return builder()
                .onState((c, state) -> calls.add("lambda " + state))
                .onOpen((c, opening) -> calls.add("lambda opening " + opening.attempt()))
                .onMessage((c, message) -> calls.add("lambda " + message.text()))
                .onConnectionFailure((c, failure) -> calls.add("lambda failure"))
                .onSessionLost((c, loss) -> calls.add("lambda lost"))
                .onBackpressure((c, pressed) -> calls.add("lambda pressed " + pressed))
                .onClosed((c, reason) -> calls.add("lambda " + reason.code()));
    }

    @Test
    void lambdasAreCalled() {
        callAll(lambdas().settings.callbacks.forClient());
        assertEquals(
                List.of(
                        "lambda OPEN",
                        "lambda opening 7",
                        "lambda m",
                        "lambda failure",
                        "lambda lost",
                        "lambda pressed true",
                        "lambda 1000"),
                calls);
    }

    @Test
    void theListenerIsCalledFirst() {
        callAll(lambdas().listener(new Recorder()).settings.callbacks.forClient());
        assertEquals(
                List.of(
                        "listener OPEN",
                        "lambda OPEN",
                        "listener opening 7",
                        "lambda opening 7",
                        "listener m",
                        "lambda m",
                        "listener failure",
                        "lambda failure",
                        "listener lost",
                        "lambda lost",
                        "listener pressed true",
                        "lambda pressed true",
                        "listener 1000",
                        "lambda 1000"),
                calls);
    }

    @Test
    void aLambdaIsGivenItsClient() {
        List<HoldfastClient> clients = new ArrayList<>();
        builder()
                .onMessage((c, message) -> clients.add(c))
                .settings
                .callbacks
                .forClient()
                .onMessage(client, text("m"));
        assertSame(client, clients.get(0));
    }

    @Test
    void oneThatThrowsKeepsNoOtherFromBeingCalled() {
        HoldfastListener listener = lambdas()
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        throw new IllegalStateException("listener");
                    }
                })
                .typed(TypedMessages.discriminator("/type").otherwise(message -> calls.add("typed")))
                .onMessage((c, message) -> {
                    throw new IllegalStateException("lambda");
                })
                .settings
                .callbacks
                .forClient();
        listener.onMessage(client, text("{}"));
        assertEquals(List.of("typed"), calls);
        assertEquals(2, uncaught.size());
    }

    @Test
    void aListenerAloneIsCalledDirectly() {
        Recorder recorder = new Recorder();
        assertSame(recorder, builder().listener(recorder).settings.callbacks.forClient());
    }

    @Test
    void aClientKeepsWhatItWasBuiltWith() {
        HoldfastClientBuilder builder = lambdas();
        HoldfastListener built = builder.settings.callbacks.forClient();
        builder.onMessage((c, message) -> calls.add("of the next client"));
        built.onMessage(client, text("m"));
        assertEquals(List.of("lambda m"), calls);
    }

    // ---- typed messages ----

    private final TypedMessages typed = TypedMessages.discriminator("/type")
            .on("chat", Chat.class, this::show)
            .on("list", new TypeRef<List<Integer>>() {}, numbers -> calls.add("numbers"))
            .on("17", Chat.class, chat -> calls.add("by number"));

    private void show(Chat chat) {
        calls.add("chat " + chat.text());
    }

    private void receive(TypedMessages to, String json) {
        builder().typed(to).settings.callbacks.forClient().onMessage(client, text(json));
    }

    @Test
    void aMessageGoesToTheHandlerOfItsType() {
        receive(typed, "{\"type\":\"chat\",\"text\":\"hi\"}");
        receive(typed, "{\"text\":\"hi\",\"type\":17}");
        assertEquals(List.of("chat hi", "by number"), calls);
    }

    @Test
    void whatHasNoHandlerIsDropped() {
        receive(typed, "{\"type\":\"other\"}");
        receive(typed, "{\"type\":{}}");
        receive(typed, "{}");
        receive(typed, "17");
        builder()
                .typed(typed)
                .settings
                .callbacks
                .forClient()
                .onMessage(client, new Message(null, Payload.binary(okio.ByteString.EMPTY), new Payloads(null)));
        assertEquals(List.of(), calls);
        assertEquals(List.of(), uncaught);
    }

    @Test
    void whatCannotBeReadIsReportedAsUncaught() {
        receive(typed, "not JSON");
        receive(typed, "{\"type\":\"chat\",\"text\":[1]}");
        receive(typed, "{\"type\":\"list\"}");
        assertEquals(List.of(), calls);
        assertEquals(3, uncaught.size());
        for (Throwable thrown : uncaught) assertEquals(PayloadException.class, thrown.getClass());
    }

    @Test
    void allThatGoesToOtherwise() {
        List<String> others = new ArrayList<>();
        TypedMessages all = typed.otherwise(message -> others.add(message.text()));
        List<String> texts = List.of("{\"type\":\"other\"}", "{}", "not JSON", "{\"type\":\"chat\",\"text\":[1]}");
        for (String text : texts) receive(all, text);
        receive(all, "{\"type\":\"chat\",\"text\":\"hi\"}");
        assertEquals(texts, others);
        assertEquals(List.of("chat hi"), calls);
        assertEquals(List.of(), uncaught);
    }

    @Test
    void aPayloadExceptionOfAHandlerIsTheHandlers() {
        List<String> others = new ArrayList<>();
        TypedMessages throwing = TypedMessages.discriminator("/type")
                .on("chat", Chat.class, chat -> {
                    throw new PayloadException("of the handler", null);
                })
                .otherwise(message -> others.add(message.text()));
        receive(throwing, "{\"type\":\"chat\"}");
        assertEquals(List.of(), others);
        assertEquals("of the handler", uncaught.get(0).getMessage());
    }

    @Test
    void whatIsWrongIsSaidAtOnce() {
        for (String pointer : List.of("", "type", "/a~2", "/a~")) {
            assertThrows(IllegalArgumentException.class, () -> TypedMessages.discriminator(pointer));
        }
        assertEquals(
                "pointer must be a JSON pointer to a member, such as /type, but was type",
                assertThrows(IllegalArgumentException.class, () -> TypedMessages.discriminator("type"))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> typed.on("chat", String.class, text -> {}));
        HoldfastClientBuilder manual =
                builder().session(Session.resumable().withManualAcks()).typed(typed);
        assertTrue(assertThrows(IllegalStateException.class, manual::build)
                .getMessage()
                .startsWith("typed(...) acknowledges a message when its handler returns"));
    }
}

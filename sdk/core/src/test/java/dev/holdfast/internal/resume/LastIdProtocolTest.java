package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.RecordingEffects;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.WaitingQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The places of ids in messages, and their forms. */
class LastIdProtocolTest {
    private static final int REMEMBERED = 3;

    private final RecordingEffects effects = new RecordingEffects();
    private final SessionMachine machine = new SessionMachine(
            new SessionSettings(
                            false,
                            Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                            Heartbeat.every(Duration.ofSeconds(20)),
                            1024,
                            null,
                            1_000_000_000,
                            1_000_000_000)
                    .opensWithLast(true)
                    .rememberedIds(REMEMBERED),
            new Random(1),
            new WaitingQueue(OutboundQueue.ofBytes(1_000)));
    private LastIdProtocol protocol = protocol("/id");

    private static LastIdProtocol protocol(String pointer) {
        return new LastIdProtocol(new JsonPointerId(pointer), last -> Payload.text("after " + last));
    }

    @BeforeEach
    void open() {
        run(machine.connect(0));
        run(machine.onOpen(1, 0));
        effects.take();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"id\":\"a-1\"} | a-1",
                "{\"id\":\"é \\\"\\u00e9\"} | é \"é",
                "{\"id\":17} | 17",
                "{\"id\":-0} | -0",
                "{\"id\":1.0} | 1.0",
                "{\"id\":1e3} | 1e3",
                "{\"id\":0.10000000000000000000000000000000000001} | 0.10000000000000000000000000000000000001",
                "{\"id\":123456789012345678901234567890} | 123456789012345678901234567890",
                "{\"d\":{\"id\":1,\"x\":[{\"id\":2}]},\"id\":3,\"after\":{\"id\":4}} | 3",
                "{\"i\\u0064\":5} | 5",
                "{ \"id\" :\t\"6\" } | 6",
            })
    void anIdIsTheTextOfAStringOrNumber(String text, String id) {
        read(text);
        assertEquals(List.of("deliver " + id + " TEXT " + text), effects.take());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "{\"id\":\"1\"",
                "{\"id\":\"1\"} x",
                "{\"id\":\"1\",\"d\":nonsense}",
                "{\"id\":\"1",
                "{id:1}",
                "[\"id\",1]",
                "\"id\"",
                "17",
                "null",
                "{\"id\":null}",
                "{\"id\":true}",
                "{\"id\":\"\"}",
                "{\"id\":[1]}",
                "{\"id\":{\"id\":1}}",
                "{\"ID\":1}",
                "{\"d\":{\"id\":1}}",
            })
    void whatHasNoIdIsDeliveredAsItIsHoweverOften(String text) {
        read(text);
        read(text);
        assertEquals(List.of("deliver null TEXT " + text, "deliver null TEXT " + text), effects.take());
        assertEquals(List.of(), reconnect());
    }

    @Test
    void binaryMessagesHaveNone() {
        ByteString bytes = ByteString.encodeUtf8("{\"id\":1}");
        for (int i = 0; i < 2; i++) run(protocol.readBinary(bytes).apply(machine, 1, 0));
        String delivered = "deliver null BINARY " + bytes.hex();
        assertEquals(List.of(delivered, delivered), effects.take());
    }

    @ParameterizedTest
    @CsvSource({"/meta/id, x", "/list/1/id, two", "/a~1b, slash", "/m~0n, tilde", "/, empty"})
    void thePointerMayGoDeeper(String pointer, String id) {
        protocol = protocol(pointer);
        String text = "{\"id\":1,\"meta\":{\"id\":\"x\"},\"list\":[{\"id\":\"one\"},{\"id\":\"two\"}],"
                + "\"a/b\":\"slash\",\"m~n\":\"tilde\",\"\":\"empty\"}";
        read(text);
        assertEquals(List.of("deliver " + id + " TEXT " + text), effects.take());
    }

    @Test
    void thePointerMayBeTheWholeMessage() {
        protocol = protocol("");
        read("\"a-1\"");
        read("17");
        read("17");
        read("{\"id\":1}");
        assertEquals(
                List.of("deliver a-1 TEXT \"a-1\"", "deliver 17 TEXT 17", "duplicate", "deliver null TEXT {\"id\":1}"),
                effects.take());
    }

    @Test
    void whatIsNoPointerIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> protocol("id"));
    }

    @Test
    void anIdBeyondTheBoundIsNone() {
        String longest = "1".repeat(1024);
        for (String id : List.of(longest, longest + "1")) {
            for (int i = 0; i < 2; i++) read("{\"id\":\"" + id + "\"}");
        }
        assertEquals(List.of(longest, "null", "null"), ids());
        assertEquals(List.of("after " + longest), reconnect());
    }

    @Test
    void nestingHasABoundAndWhatIsBeyondItIsDelivered() {
        for (int depth : new int[] {900, 100_000}) {
            String text = "{\"id\":" + depth + ",\"d\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
            read(text);
            assertEquals(List.of("deliver " + (depth == 900 ? "900" : null) + " TEXT " + text), effects.take());
        }
    }

    @Test
    void aLongMessageMayHaveItsIdAnywhere() {
        String text = "{\"d\":\"" + "é".repeat(100_000) + "\",\"e\":[" + "1,".repeat(50_000) + "2],\"id\":7}";
        read(text);
        assertEquals(List.of("deliver 7 TEXT " + text), effects.take());
    }

    @Test
    void duplicatesAreDroppedByTheCharactersOfTheirIdsWithinWhatIsRemembered() {
        read("{\"id\":17}");
        read("{\"id\":\"17\"}");
        read("{\"id\":17.0}");
        read("{\"id\":17}");
        assertEquals(List.of("17", "17.0"), ids());
        read("{\"id\":18}");
        read("{\"id\":19}");
        // 17 is forgotten by now, and only that.
        read("{\"id\":17.0}");
        read("{\"id\":17}");
        assertEquals(List.of("18", "19", "17"), ids());
    }

    @Test
    void theLastIdIsThatOfTheLastMessageThatWasDelivered() {
        read("{\"id\":1}");
        read("{\"id\":2}");
        read("{\"hello\":true}");
        read("{\"id\":1}");
        effects.take();
        assertEquals(List.of("after 2"), reconnect());
        read(2, "{\"id\":2}");
        read(2, "{\"id\":3}");
        // A connection that is gone has nothing more to say.
        read(1, "{\"id\":4}");
        assertEquals(List.of("3"), ids());
    }

    @Test
    void withoutALastIdNothingIsSentFirst() {
        assertEquals(List.of(), reconnect());
    }

    /** Of what was delivered. */
    private List<String> ids() {
        return effects.take().stream()
                .filter(line -> !line.equals("duplicate"))
                .map(line -> line.split(" ", -1)[1])
                .toList();
    }

    /** Returns what is sent before all else. */
    private List<String> reconnect() {
        run(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        run(machine.connect(0));
        effects.take();
        List<String> written = new ArrayList<>();
        SessionProtocol.Wire wire = new SessionProtocol.Wire() {
            @Override
            public void text(String text, long utf8Length) {
                written.add(text);
            }

            @Override
            public void binary(ByteString bytes) {
                written.add(bytes.hex());
            }
        };
        run(machine.onOpen(2, 0));
        for (String effect : effects.take()) {
            if (effect.startsWith("open ")) {
                assertEquals("open null null ", effect.substring(0, 15));
                protocol.writeOpen(Open.after(effect.substring(15)), wire);
            }
        }
        return written;
    }

    private void read(String text) {
        read(1, text);
    }

    private void read(long connection, String text) {
        run(event(text).apply(machine, connection, 0));
    }

    private void run(List<Effect> all) {
        for (Effect effect : all) effect.perform(effects);
    }

    private SessionEvent event(String text) {
        try {
            return protocol.readText(Texts.text(text));
        } catch (ProtocolViolation e) {
            throw new AssertionError(e);
        }
    }
}

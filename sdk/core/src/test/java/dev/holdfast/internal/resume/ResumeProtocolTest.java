package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
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
import okio.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The envelopes stand as {@code docs/protocol.md} prints them. */
class ResumeProtocolTest {
    private final ResumeProtocol protocol = new ResumeProtocol(url -> url.startsWith("wss://"));
    private final List<String> written = new ArrayList<>();
    private final RecordingEffects effects = new RecordingEffects();
    private final WaitingQueue queue = new WaitingQueue(OutboundQueue.ofBytes(1_000));
    private final SessionMachine machine = new SessionMachine(
            new SessionSettings(
                    true,
                    Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                    Heartbeat.every(Duration.ofSeconds(20)),
                    1024,
                    null,
                    1_000_000_000,
                    1_000_000_000),
            new Random(1),
            queue);
    private final SessionProtocol.Wire wire = new SessionProtocol.Wire() {
        @Override
        public void text(String text, long utf8Length) {
            assertEquals(Utf8.size(text), utf8Length);
            written.add(text);
        }

        @Override
        public void binary(ByteString bytes) {
            written.add(bytes.hex());
        }
    };

    @Test
    void writesOpen() {
        protocol.writeOpen(new Open(null, null, null, null), wire);
        protocol.writeOpen(new Open("s1", "secret", "17-3", null), wire);
        protocol.writeOpen(new Open(null, null, null, "token"), wire);
        assertEquals(
                List.of(
                        "{\"t\":\"open\"}",
                        "{\"t\":\"open\",\"sid\":\"s1\",\"key\":\"secret\",\"last\":\"17-3\"}",
                        "{\"t\":\"open\",\"auth\":\"token\"}"),
                written);
    }

    @Test
    void writesMessages() {
        send(Payload.text("say \"hé\"\n"), Payload.json("{\"a\":[1]}"), Payload.binary(ByteString.decodeHex("00ff")));
        assertEquals(
                List.of(
                        "{\"t\":\"msg\",\"c\":1,\"d\":\"say \\\"hé\\\"\\n\"}",
                        "{\"t\":\"msg\",\"c\":2,\"d\":{\"a\":[1]}}",
                        "010000000000000003" + "00ff"),
                written);
    }

    @Test
    void writesAckAndBye() {
        protocol.writeAck("17-3", wire);
        protocol.writeBye(wire);
        assertEquals(List.of("{\"t\":\"ack\",\"last\":\"17-3\"}", "{\"t\":\"bye\"}"), written);
    }

    @Test
    void readsMessagesOfEveryKind() {
        open();
        read("{\"t\":\"msg\",\"id\":\"1\",\"d\":\"text\"}");
        read("{\"d\":{\"b\":[1,{\"c\":\"}]\"}]} ,\"id\":\"2\",\"t\":\"msg\",\"new\":{\"x\":[1]}}");
        read("{\"t\":\"msg\",\"id\":\"3\",\"d\":[1, 2]}");
        read("{\"t\":\"msg\",\"id\":\"4\",\"d\":-1.50}");
        read("{\"t\":\"msg\",\"id\":\"5\",\"d\":null}");
        run(protocol.readBinary(ByteString.decodeHex("0101" + "36" + "00ff")).apply(machine, 1, 0));
        assertEquals(
                List.of(
                        "deliver 1 JSON_STRING text",
                        "deliver 2 JSON {\"b\":[1,{\"c\":\"}]\"}]}",
                        "deliver 3 JSON [1, 2]",
                        "deliver 4 JSON -1.50",
                        "deliver 5 JSON null",
                        "deliver 6 BINARY 00ff"),
                effects.take());
    }

    @Test
    void readsALongPayloadAtItsPlace() {
        // Longer than any buffer of the parser's, so that offsets are counted across refills.
        String payload = "{\"a\":\"" + "é".repeat(50_000) + "\",\"b\":[" + "1,".repeat(50_000) + "2]}";
        open();
        read("{\"t\":\"msg\",\"id\":\"1\",\"d\":" + payload + ",\"x\":1}");
        assertEquals(List.of("deliver 1 JSON " + payload), effects.take());
    }

    @Test
    void unknownMembersAreIgnored() {
        open();
        read("{\"t\":\"ack\",\"c\":0,\"later\":[{\"t\":\"x\"}]}");
        assertEquals(List.of(), effects.take());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json | not an envelope: not JSON at line 1, column ",
                "[] | not a JSON object",
                "\"msg\" | not a JSON object",
                "{\"t\":\"msg\" | not an envelope",
                "{\"t\":\"live\"} {} | more than one JSON value",
                "{} | t is missing",
                "{\"t\":1} | t is not a string",
                "{\"t\":\"hello\"} | unknown envelope hello",
                "{\"t\":\"msg\",\"id\":\"1\"} | d is missing",
                "{\"t\":\"msg\",\"d\":1} | id is missing",
                "{\"t\":\"msg\",\"d\":1,\"id\":\"\"} | id is not an id",
                "{\"t\":\"msg\",\"d\":1,\"id\":\"a b\"} | id is not an id",
                "{\"t\":\"msg\",\"d\":1,\"id\":7} | id is not a string",
                "{\"t\":\"ack\"} | c is missing",
                "{\"t\":\"ack\",\"c\":\"1\"} | c is not a whole number",
                "{\"t\":\"ack\",\"c\":1.5} | c is not a whole number",
                "{\"t\":\"ack\",\"c\":-1} | c is out of range",
                "{\"t\":\"ack\",\"c\":9007199254740992} | c is out of range",
                "{\"t\":\"ack\",\"c\":99999999999999999999} | c is out of range",
                "{\"t\":\"reject\",\"id\":\"1\",\"c\":1} | code is missing",
                "{\"t\":\"welcome\",\"key\":\"k\",\"c\":0} | sid is missing",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"c\":0} | key is missing",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"c\":0,\"resumed\":\"no\"} | resumed is not a boolean",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"c\":0} | resumed is missing",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"c\":0,\"resumed\":null} | resumed is missing",
                "{\"t\":\"welcome\",\"sid\":\"\",\"key\":\"k\",\"c\":0,\"resumed\":false} | sid is empty",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"\",\"c\":0,\"resumed\":false} | key is empty",
                "{\"t\":\"auth\",\"code\":\"expiring\"} | ok is missing",
                "{\"t\":\"ack\",\"c\":1.0} | c is not a whole number",
                "{\"t\":\"ack\",\"c\":1e0} | c is not a whole number",
                "{\"t\":\"ack\",\"c\":null} | c is missing",
                "{\"t\":\"reconnect\"} | afterMs is missing",
                "{\"t\":\"reconnect\",\"afterMs\":1,\"url\":7} | url is not a string",
                "{\"t\":\"reconnect\",\"afterMs\":1,\"url\":\"\"} | url is empty",
                "{\"t\":\"reconnect\",\"afterMs\":1,\"url\":\"/live?k=secret\"} | url is not a URL of a WebSocket",
                "{\"t\":\"auth\",\"ok\":false,\"inMs\":\"1\"} | inMs is not a whole number",
            })
    void whatIsNoEnvelopeIsAProtocolError(String text, String error) {
        open();
        read(text);
        assertProtocolError(error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"86400000", "86400001", "9223372036854775807", "99999999999999999999"})
    void aDelayOverADayCountsAsADay(String delay) {
        open();
        read("{\"t\":\"error\",\"code\":\"busy\",\"retryAfterMs\":" + delay + "}");
        run(machine.onClosed(1, new CloseReason(4429, ""), Loss.closed(Phase.SESSION, 4429, ""), 0));
        long day = Duration.ofDays(1).toNanos();
        long due = machine.nextTimer();
        assertTrue(due >= day && due < day + 1_000_000_000, "due at " + due);
    }

    @ParameterizedTest
    @ValueSource(strings = {"86400001", "9223372036854775807", "99999999999999999999"})
    void aTimeOverADayIsNoProtocolError(String time) {
        open();
        read("{\"t\":\"reconnect\",\"afterMs\":" + time + "}");
        read("{\"t\":\"auth\",\"ok\":false,\"inMs\":" + time + "}");
        assertEquals(List.of(), effects.take());
    }

    @Test
    void anOptionalMemberMayBeLeftOutOrNull() {
        open();
        read("{\"t\":\"reconnect\",\"afterMs\":1,\"url\":null}");
        read("{\"t\":\"reconnect\",\"afterMs\":1,\"url\":\"wss://other.example/\"}");
        read("{\"t\":\"auth\",\"ok\":false,\"inMs\":null}");
        assertEquals(List.of(), effects.take());
    }

    @Test
    void aUrlHasAMaximumLength() {
        open();
        read("{\"t\":\"reconnect\",\"afterMs\":1,\"url\":\"wss://" + "a".repeat(1024) + "\"}");
        assertProtocolError("url is too long");
    }

    @Test
    void aTimeIsNotNegative() {
        open();
        read("{\"t\":\"reconnect\",\"afterMs\":-99999999999999999999}");
        assertProtocolError("afterMs is out of range");
    }

    /** In whatever way the envelope is damaged, its secret stays out of what is reported. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"t\":\"welcome\",\"key\":SECRETsecret}",
                "{\"t\":\"welcome\",\"key\":'SECRETsecret'}",
                "{\"t\":\"welcome\",\"key\":\"SECRETsecret",
                "{\"t\":\"welcome\",\"key\":\"SECRETsecret\\q\"}",
                "{\"t\":\"welcome\",\"key\":\"SECRETsecret\"SECRETsecret}",
                "{\"t\":\"welcome\",SECRETsecret:1}",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"c\":0}SECRETsecret",
                "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"c\":\"SECRETsecret\"}",
                "{\"t\":\"welcome\",\"c\":01SECRETsecret}",
                "{\"t\":\"SECRETsecretSECRETsecret\"}",
                "SECRETsecret",
            })
    void whatIsReportedQuotesNoToken(String text) {
        open();
        read(text);
        String all = effects.take().toString();
        assertTrue(all.contains("server broke the session protocol"), all);
        assertFalse(all.contains("SECRET") || all.contains("secret"), all);
    }

    @Test
    void aFloodOfBracketsIsJudgedAtOnce() {
        open();
        String brackets = "[".repeat(1 << 20);
        assertTimeout(Duration.ofSeconds(5), () -> read(brackets));
        assertProtocolError("not a JSON object");
        assertTimeout(Duration.ofSeconds(5), () -> event("{\"d\":" + brackets));
    }

    @Test
    void whatATypeDoesNotHaveIsIgnoredWhateverItHolds() {
        open();
        read("{\"t\":\"msg\",\"id\":\"1\",\"d\":1,\"code\":{},\"message\":7,\"c\":\"x\",\"last\":\""
                + " \",\"afterMs\":[]}");
        assertEquals(List.of("deliver 1 JSON 1"), effects.take());
        read("{\"t\":\"error\"}");
        assertEquals(List.of(), effects.take());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",'maxUnacked':0,'maxBytes':0,'batch':0",
                ",'maxUnacked':null,'maxBytes':null,'batch':null,'reason':null,'last':null,'ttl':null",
                ",'maxUnacked':9007199254740991,'maxBytes':9007199254740991,'batch':9007199254740991"
            })
    void aLimitThatIsZeroOrLeftOutLimitsNothing(String members) {
        run(machine.connect(0));
        run(machine.onOpen(1, 0));
        read("{'t':'welcome','sid':'s','key':'k','resumed':false,'c':0".replace('\'', '"')
                + members.replace('\'', '"')
                + "}");
        effects.take();
        for (int i = 0; i < 3; i++) queue.offer(outbound(Payload.text("abc")));
        run(machine.onQueueChanged(0));
        assertEquals(3, effects.sent().size());
    }

    @Test
    void aDeepPayloadIsThePayload() {
        String deep = "[".repeat(20_000) + "]".repeat(20_000);
        open();
        read("{\"t\":\"msg\",\"id\":\"1\",\"d\":" + deep + "}");
        assertEquals(List.of("deliver 1 JSON " + deep), effects.take());
    }

    @Test
    void theServersWordsHaveABound() {
        open();
        read("{\"t\":\"" + "x".repeat(1_000_000) + "\"}");
        assertProtocolError("t is too long");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0100", "0201" + "31", "0102" + "31", "0101" + "20"})
    void whatIsNoBinaryMessageIsAProtocolError(String hex) {
        open();
        run(protocol.readBinary(ByteString.decodeHex(hex)).apply(machine, 1, 0));
        assertProtocolError("binary message");
    }

    @Test
    void idsHaveABound() {
        assertTrue(ServerEnvelope.isId("a".repeat(64)));
        assertFalse(ServerEnvelope.isId("a".repeat(65)));
        assertTrue(ServerEnvelope.isId("0-9_A.z:"));
    }

    private void assertProtocolError(String error) {
        List<String> all = effects.take();
        assertTrue(all.get(0).startsWith("close 4400"), all.toString());
        assertTrue(all.get(0).contains(error), all.toString());
    }

    private void open() {
        run(machine.connect(0));
        run(machine.onOpen(1, 0));
        read("{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"resumed\":false,\"reason\":\"new\",\"c\":0,\"ttl\":1}");
        effects.take();
    }

    @Test
    void anIdempotencyKeyGoesOutWithTextAndNotWithBytes() {
        SendOptions options = SendOptions.defaults().withIdempotencyKey("\u00e4\"1");
        open();
        queue.offer(new Outbound(Payload.text("hi"), 2, "receipt", options));
        queue.offer(new Outbound(Payload.binary(ByteString.encodeUtf8("b")), 1, "receipt", options));
        run(machine.onQueueChanged(0));
        List<String> written = new ArrayList<>();
        for (Outbound message : effects.sent()) {
            protocol.writeMessage(message, new SessionProtocol.Wire() {
                @Override
                public void text(String text, long utf8Length) {
                    assertEquals(ByteString.encodeUtf8(text).size(), utf8Length);
                    written.add(text);
                }

                @Override
                public void binary(ByteString bytes) {
                    written.add(bytes.hex());
                }
            });
        }
        assertEquals("{\"t\":\"msg\",\"c\":1,\"k\":\"\u00e4\\\"1\",\"d\":\"hi\"}", written.get(0));
        assertEquals(2, written.size());
        assertTrue(written.get(1).endsWith("62"));
    }

    private void send(Payload... payloads) {
        open();
        for (Payload payload : payloads) queue.offer(outbound(payload));
        run(machine.onQueueChanged(0));
        for (Outbound message : effects.sent()) protocol.writeMessage(message, wire);
    }

    @ParameterizedTest
    @CsvSource({"6, REJECTED", "7, ''", "0, ''"})
    void theServerSaysHowLargeAMessageMayBe(long maxMessage, String end) {
        run(machine.connect(0));
        run(machine.onOpen(1, 0));
        read("{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"resumed\":false,\"reason\":\"new\",\"c\":0,\"ttl\":1,"
                + "\"maxMessage\":" + maxMessage + "}");
        effects.take();
        queue.offer(outbound(Payload.text("größe")));
        run(machine.onQueueChanged(0));
        assertEquals(List.of(end.isEmpty() ? "send 1" : "ended größe " + end), effects.take());
    }

    @Test
    void writesABatchAsAnArray() {
        open();
        queue.offer(outbound(Payload.json("{\"a\":1}")));
        queue.offer(outbound(Payload.text("b\"")));
        run(machine.onQueueChanged(0));
        protocol.writeBatch(effects.sent(), wire);
        assertEquals(
                List.of("[{\"t\":\"msg\",\"c\":1,\"d\":{\"a\":1}},{\"t\":\"msg\",\"c\":2,\"d\":\"b\\\"\"}]"), written);
    }

    private static Outbound outbound(Payload payload) {
        return new Outbound(payload, payload.size(), "receipt");
    }

    private void read(String text) {
        run(event(text).apply(machine, 1, 0));
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

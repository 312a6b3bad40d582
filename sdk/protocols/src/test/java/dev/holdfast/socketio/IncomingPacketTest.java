package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples come from the specification of the protocol, revision 5. */
class IncomingPacketTest {
    private static IncomingPacket parse(String text) throws BadMessageException {
        return IncomingPacket.parse(text, 4);
    }

    private static List<String> json(IncomingPacket packet) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < packet.arguments.size(); i++) all.add(packet.arguments.json(i));
        return all;
    }

    @Test
    void readsAnEvent() throws Exception {
        IncomingPacket packet = parse("2[\"foo\", 1, {\"a\" : [2]} ,null,\"x,]\\\"\" ]");
        assertEquals(IncomingPacket.Type.EVENT, packet.type);
        assertEquals("/", packet.namespace);
        assertEquals("foo", packet.event);
        assertEquals(IncomingPacket.NO_ACK, packet.ackId);
        assertEquals(List.of("1", "{\"a\" : [2]}", "null", "\"x,]\\\"\""), json(packet));
    }

    @Test
    void readsANamespaceAnIdAndAttachments() throws Exception {
        IncomingPacket packet = parse("51-/admin,456[\"baz\",{\"_placeholder\":true,\"num\":0}]");
        assertEquals(IncomingPacket.Type.BINARY_EVENT, packet.type);
        assertEquals(1, packet.attachments);
        assertEquals("/admin", packet.namespace);
        assertEquals(456, packet.ackId);
        assertEquals("baz", packet.event);
        assertEquals(List.of("{\"_placeholder\":true,\"num\":0}"), json(packet));
        assertEquals(0, Attachments.number(packet.arguments.json(0)));
    }

    @Test
    void readsAcknowledgements() throws Exception {
        assertEquals(List.of(), json(parse("312[]")));
        IncomingPacket packet = parse("3/admin,13[\"bar\",1.50e3]");
        assertEquals(IncomingPacket.Type.ACK, packet.type);
        assertEquals(13, packet.ackId);
        assertEquals(List.of("\"bar\"", "1.50e3"), json(packet));
    }

    @Test
    void readsTheOpeningAndItsRefusal() throws Exception {
        assertEquals("{\"sid\":\"x\"}", parse("0{\"sid\":\"x\"}").payload);
        assertEquals("{\"message\":\"no\"}", parse("4/admin,{\"message\":\"no\"}").payload);
        IncomingPacket packet = parse("1/admin,");
        assertEquals(IncomingPacket.Type.DISCONNECT, packet.type);
        assertEquals("/admin", packet.namespace);
        assertNull(packet.payload);
        assertEquals("/admin", parse("1/admin").namespace);
    }

    @Test
    void readsMembersAsTheyCame() throws Exception {
        assertEquals(
                Map.of("a", "1.50", "b", "{\"c\":[true,null]}", "d", "\"x\""),
                Json.members(" {\"a\": 1.50, \"b\": {\"c\":[true,null]}, \"d\":\"x\"} "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "x[\"a\"]",
                "2",
                "2{}",
                "2[]",
                "2[",
                "2[\"a\"",
                "2[\"a\"]x",
                "2[\"a\"][]",
                "2[\"a\",]",
                "2[\"a\",01]",
                "2[null]",
                "2[[]]",
                "2[\"connect\"]",
                "2[\"disconnect\",\"x\"]",
                "2/admin[\"a\"]",
                "21234567890123456[\"a\"]",
                "3[]",
                "31",
                "31{}",
                "5[\"a\"]",
                "5-[\"a\"]",
                "50-[\"a\"]",
                "51[\"a\"]",
                "55-[\"a\"]",
                "599999999999999999-[\"a\"]",
                "5-1-[\"a\"]",
                "0",
                "1[]",
                "4"
            })
    void refusesWhatBreaksTheProtocol(String text) {
        assertThrows(BadMessageException.class, () -> parse(text));
    }

    @Test
    void refusesDeepNesting() {
        String deep = "2[\"a\"," + "[".repeat(100_000) + "]".repeat(100_000) + "]";
        assertThrows(BadMessageException.class, () -> parse(deep));
    }
}

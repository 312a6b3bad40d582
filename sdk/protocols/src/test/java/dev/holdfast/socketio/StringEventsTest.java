package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link StringEvents} reads is what {@link IncomingPacket#parse} reads. */
class StringEventsTest {
    private static StringEvents reader(String namespace) {
        return new StringEvents(namespace, namespace.equals("/") ? "42" : "42" + namespace + ',');
    }

    private static Utf8Text received(String text) {
        return received(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns bytes as a frame brings them, which nobody has checked. */
    private static Utf8Text received(byte[] bytes) {
        Utf8Text received = new Utf8Text();
        received.set(bytes, Words.of(bytes), 0, bytes.length);
        return received;
    }

    /**
     * Reads a packet in both ways.
     *
     * @param text without the type of the Engine.IO packet; an unpaired surrogate would not be received
     * @return whether {@link StringEvents} has read it
     */
    static boolean agree(String namespace, String text) throws Exception {
        String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        StringEvents reader = reader(namespace);
        Utf8Text received = received('4' + valid);
        IncomingPacket packet = reader.read(received);
        if (packet == null) return false;
        assertEquals('4' + valid, received.string());
        IncomingPacket expected = IncomingPacket.parse(valid, 0);
        assertEquals(expected.type, packet.type);
        assertEquals(namespace, packet.namespace);
        assertEquals(expected.namespace, packet.namespace);
        assertEquals(expected.ackId, packet.ackId);
        assertEquals(expected.event, packet.event);
        assertEquals(expected.arguments.size(), packet.arguments.size());
        for (int i = 0; i < packet.arguments.size(); i++) {
            assertEquals(expected.arguments.json(i), packet.arguments.json(i));
            assertEquals(expected.arguments.text(i), packet.arguments.text(i));
            assertEquals(expected.arguments.isString(i), packet.arguments.isString(i));
            assertEquals(-1, expected.arguments.attachment(i));
            assertEquals(-1, packet.arguments.attachment(i));
        }
        assertEquals(expected.event, reader.read(received('4' + valid)).event, "with the name that it has kept");
        return true;
    }

    @Test
    void agreesOnRandomPackets() throws Exception {
        String[] pieces = {
            "[",
            "]",
            "[\"",
            "\"]",
            "\",\"",
            "\"",
            ",",
            "a",
            "{",
            "}",
            "null",
            "\\",
            "\\n",
            "\n",
            " ",
            "\t",
            "\u0001",
            "\u007f",
            "\u00e4",
            "\u20ac",
            "\ud83d\ude00",
            "connect",
            "_placeholder",
            "1",
            "0",
            "[\"e\",\"",
            "[\"e\"",
            " , \"b\" ",
            "/n,",
            "/n",
            "-"
        };
        Random random = new Random(5);
        int read = 0;
        for (int run = 0; run < 50_000; run++) {
            String namespace = random.nextBoolean() ? "/" : "/n";
            StringBuilder text = new StringBuilder("2");
            if (!namespace.equals("/") && random.nextInt(8) > 0) text.append("/n,");
            if (random.nextInt(4) == 0) text.append(random.nextInt(200));
            if (random.nextInt(4) > 0) text.append("[\"");
            for (int i = random.nextInt(7); i > 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
            if (random.nextInt(4) > 0) text.append("\"]");
            if (agree(namespace, text.toString())) read++;
        }
        assertTrue(read > 5_000, "only " + read + " packets were read");
    }

    @Test
    void leavesOtherPacketsToTheParser() throws Exception {
        String many = "\"a\",".repeat(16);
        for (String text : new String[] {
            "2",
            "2[",
            "2[]",
            "2[\"",
            "2[\"e",
            "2[\"e\"",
            "2[\"e\",",
            "2[\"e\",]",
            "2[\"e\"]x",
            "2[\"e\"][",
            "2[\"e\",1]",
            "2[1]",
            "2[\"connect\",\"a\"]",
            "2[\"e\",\"\\u0041\"]",
            "2[\"e\",\"\u0000\"]",
            "21234567890123456[\"e\"]",
            "2/other,[\"e\"]",
            "2[" + many + "\"a\"]",
            "3[\"e\"]",
            "51-[\"e\"]"
        }) {
            assertNull(reader("/").read(received('4' + text)), text);
        }
        assertNotNull(reader("/").read(received("4200[\"e\" , \"\u20ac\" ] ")));
    }

    /** Whatever byte is bad, and wherever it stands, nothing is made of the text. */
    @Test
    void whatIsNotUtf8IsRefused() throws Exception {
        for (String packet : new String[] {"4217[\"e\" , \"some text\",\"\"]", "42[\"\u00e4\",\"x\u20acy\"]"}) {
            byte[] utf8 = packet.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < utf8.length; at++) {
                for (int bad : new int[] {0x80, 0xc0, 0xe4, 0xff}) {
                    byte[] bytes = utf8.clone();
                    bytes[at] = (byte) bad;
                    if (new String(bytes, StandardCharsets.UTF_8).indexOf('\ufffd') < 0) continue;
                    Utf8Text text = received(bytes);
                    assertThrows(ProtocolViolation.class, () -> {
                        assertNull(reader("/").read(text));
                        text.check();
                    });
                }
            }
        }
    }

    @Test
    void aNamespaceNeedNotBeAscii() throws Exception {
        assertTrue(agree("/\u00e4", "2/\u00e4,[\"e\",\"x\"]"));
        assertTrue(agree("/\u00e4", "2/\u00e4,[\"e\",\"\u20ac\"]"));
    }

    /** What a name is compared with is the name of an earlier event. */
    @Test
    void keepsTheNameOfTheLastEvent() throws Exception {
        StringEvents reader = reader("/");
        for (String name : new String[] {"a", "a", "b", "ab", "", "\u00e4", "a".repeat(65), "a".repeat(65), "b"}) {
            IncomingPacket packet = reader.read(received("42[\"" + name + "\",\"x\"]"));
            assertNotNull(packet);
            assertEquals(name, packet.event);
        }
    }
}

package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Snapshot;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot's form as bytes, and the bytes that are refused. */
class SessionSnapshotTest {
    private static final String SECRET = "SECRETsecret";

    private final byte[] bytes = snapshot("waiting").toBytes();

    private static SessionSnapshot snapshot(String waiting) {
        Outbound written = new Outbound(Payload.json("[[1]]"), 5, "receipt").restored(6);
        List<Outbound> queued = List.of(
                new Outbound(Payload.text(waiting), waiting.length(), "receipt"),
                new Outbound(Payload.binary(ByteString.decodeHex("00ff")), 2, "receipt"));
        Map<String, Payload> startMessages = Map.of("prices", Payload.jsonString("EUR"));
        return SessionSnapshot.of(new Snapshot("s1", SECRET, "17-3", true, 7, List.of(written), startMessages), queued);
    }

    @Test
    void comesBackAsItWas() {
        SessionSnapshot read = SessionSnapshot.fromBytes(bytes);
        assertEquals("snapshot of session s1, 3 messages", read.toString());
        assertEquals(SECRET, read.key);
        assertEquals("17-3", read.position);
        assertEquals(7, read.nextSeq);
        assertEquals(6, read.messages.get(0).seq);
        assertEquals("waiting", read.messages.get(1).payload.text());
        assertArrayEquals(bytes, read.toBytes());
    }

    @Test
    void namesMayBeAsLongAsTheApplicationLikes() {
        Map<String, Payload> startMessages = Map.of("n".repeat(100_000), Payload.text("x"));
        SessionSnapshot longNamed =
                SessionSnapshot.of(new Snapshot("s1", "k", "0-0", false, 1, List.of(), startMessages), List.of());
        byte[] saved = longNamed.toBytes();
        assertArrayEquals(saved, SessionSnapshot.fromBytes(saved).toBytes());
    }

    @Test
    void refusesWhatIsCutOff() {
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(IllegalArgumentException.class, () -> SessionSnapshot.fromBytes(cut), "cut at " + length);
        }
        assertRefused(
                Arrays.copyOf(bytes, bytes.length - 1),
                "session snapshot is cut off after " + (content() - 1) + " of " + content() + " bytes");
    }

    @Test
    void refusesEveryByteThatIsNotAsItWas() {
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x02;
            assertThrows(IllegalArgumentException.class, () -> SessionSnapshot.fromBytes(damaged), "byte " + i);
        }
        byte[] damaged = bytes.clone();
        damaged[bytes.length - 2] ^= 0x02;
        assertRefused(damaged, "session snapshot is damaged: its checksum is wrong");
    }

    @Test
    void refusesAShorterOneWrittenOverALongerFile() {
        byte[] file = snapshot("waiting, and for a longer time").toBytes();
        System.arraycopy(bytes, 0, file, 0, bytes.length);
        assertRefused(file, "session snapshot of " + content() + " bytes is followed by 23 that do not belong to it");
        assertRefused(
                Arrays.copyOf(bytes, bytes.length + 1),
                "session snapshot of " + content() + " bytes is followed by 1 that do not belong to it");
    }

    @Test
    void refusesOtherFormats() {
        String of = new String(bytes, UTF_8);
        assertTrue(of.startsWith("holdfast-session 2 "), of);
        assertRefused(
                of.replaceFirst("session 2", "session 3").getBytes(UTF_8),
                "session snapshot of format 3, but this SDK reads format 2");
        String unknown = "not a session snapshot, or one of an SDK from before format 2";
        assertRefused("{\"v\":1,\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":1}".getBytes(UTF_8), unknown);
        assertRefused(new byte[0], unknown);
        assertRefused(of.substring(of.indexOf('\n') + 1).getBytes(UTF_8), unknown);
    }

    @Test
    void refusesBracketsAtOnce() {
        byte[] brackets = "[".repeat(1 << 20).getBytes(UTF_8);
        assertTimeout(Duration.ofSeconds(2), () -> assertRefused(brackets, "not a session snapshot, or one of an SDK"));
        byte[] sealed = SnapshotBytes.seal(brackets);
        assertTimeout(Duration.ofSeconds(2), () -> assertRefused(sealed, "session snapshot nests deeper"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"sid\":\"s\",\"key\":\"SECRETsecret\",\"position\":\"p\"}",
                "{\"sid\":\"s\",\"key\":\"SECRETsecret\",\"next\":1}",
                "{\"sid\":\"s\",\"key\":SECRETsecret,\"position\":\"p\",\"next\":1}",
                "{\"sid\":\"s\",\"key\":\"SECRETsecret,\"position\":\"p\",\"next\":1}",
                "{\"sid\":\"s\",\"key\":\"SECRETsecret",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":1} SECRETsecret",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":1} {}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":\"SECRETsecret\"}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":1,\"messages\":[{}]}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":2,\"messages\":"
                        + "[{\"kind\":\"TEXT\",\"priority\":\"NORMAL\",\"c\":2,\"d\":\"x\"}]}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":2,\"messages\":"
                        + "[{\"kind\":\"SECRETsecret\",\"priority\":\"NORMAL\",\"c\":1,\"d\":\"x\"}]}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":2,\"messages\":"
                        + "[{\"kind\":\"TEXT\",\"priority\":\"SECRETsecret\",\"c\":1,\"d\":\"x\"}]}",
                "{\"sid\":\"s\",\"key\":\"k\",\"position\":\"p\",\"next\":2,\"messages\":"
                        + "[{\"kind\":\"BINARY\",\"priority\":\"NORMAL\",\"c\":1,\"d\":\"SECRETsecret?\"}]}",
            })
    void refusesContentThatIsNoSnapshotWithoutQuotingIt(String content) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> SessionSnapshot.fromBytes(SnapshotBytes.seal(content.getBytes(UTF_8))));
        StringWriter all = new StringWriter();
        refused.printStackTrace(new PrintWriter(all));
        assertFalse(all.toString().contains("SECRET"), all.toString());
        assertFalse(all.toString().contains("secret"), all.toString());
    }

    private int content() {
        return bytes.length - new Buffer().write(bytes).readByteString().indexOf("\n".getBytes(UTF_8)) - 1;
    }

    private static void assertRefused(byte[] bytes, String message) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> SessionSnapshot.fromBytes(bytes));
        assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
    }
}

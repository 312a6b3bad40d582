package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int PIECE = 256;

    private final TextWriter writer = new TextWriter();

    @Test
    void everyCharacterIsReadAsWhatWasWritten() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0xd800; c++) all.append(c);
        all.append("🙂").append('\uffff');
        assertEquals(all.toString(), written(all.toString()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 257, 512, 10_000, 100_000})
    void escapesMayStandAnywhere(int length) throws Exception {
        Random random = new Random(length);
        for (int often : new int[] {1, 3, 300}) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++)
                text.append(random.nextInt(often) == 0 ? "\"\\\n\u0001".charAt(i % 4) : 'x');
            assertEquals(text.toString(), written(text.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 1234567890, Long.MAX_VALUE})
    void numbersAreWritten(long number) throws Exception {
        writer.raw("[").number(number).raw("]");
        assertEquals("[" + number + "]", taken());
    }

    /** At every place of a word, of a piece and of the end of both. */
    @Test
    void aSpecialCharacterIsFoundAtEveryPlace() {
        List<String> special = List.of(
                "\"",
                "\\",
                "\n",
                "\r",
                "\t",
                "\0",
                "\u001f",
                "\u007f",
                "\u0080",
                "\u00ff",
                "\u0100",
                "\u07ff",
                "\u0800",
                "\uffff",
                "\u0120",
                "\u0122",
                "\u015c",
                "\ud800",
                "\udc00",
                "🙂",
                "\udc00\ud800",
                "\ud800\ud800\udc00",
                " ",
                "!",
                "#",
                "[",
                "]");
        for (int length : new int[] {0, 1, 7, 8, 9, 17, PIECE - 2, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE}) {
            for (int at = 0; at <= length; at++) {
                if (at > 20 && at < length - 20 && (at + 10) % PIECE > 20) continue;
                for (String each : special) {
                    assertWritten("x".repeat(at) + each + "y".repeat(length - at));
                    assertWritten("é".repeat(at) + each + "ж".repeat(length - at));
                }
            }
        }
    }

    @Test
    void textsOfAllKindsAreWrittenAsByTheReference() {
        Random random = new Random(7);
        String alphabet = "abc \"\\\n\u0001\u007f\u0080é\u00ffĠж\u07ff\u0800日\ud83d\ude42\ud800\udfff\uffff";
        for (int round = 0; round < 3000; round++) {
            int length = random.nextInt(round % 100 == 0 ? 9000 : 3 * PIECE);
            int plain = random.nextInt(3) == 0 ? 200 : 1 + random.nextInt(10);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++)
                text.append(random.nextInt(plain) == 0 ? alphabet.charAt(random.nextInt(alphabet.length())) : 'x');
            assertWritten(text.toString());
        }
    }

    /** A buffer that has grown is used again, and a smaller text after a larger one has nothing of it. */
    @Test
    void longAndShortTextsTakeTurns() {
        for (int length : new int[] {10, 5_000, 10, 70_000, 16_384, 0, 200_000, 300}) {
            assertWritten("\"é".repeat(length / 2));
            assertWritten("z".repeat(length));
            assertWritten("日".repeat(length));
        }
    }

    @Test
    void aTextThatCouldNotBeSentIsForgotten() {
        writer.raw("lost");
        assertThrows(
                IllegalStateException.class,
                () -> writer.send(new Wire((utf8, size) -> {
                    throw new IllegalStateException("no connection");
                })));
        writer.raw("next");
        assertEquals("next", taken());
    }

    /** As an {@link Error} leaves it, when there is no memory for the rest. */
    @Test
    void aTextThatWasNotWrittenToItsEndIsForgotten() {
        writer.begin().raw("lost");
        writer.begin().raw("next");
        assertEquals("next", taken());
        writer.begin().text("x".repeat(10_000));
        writer.begin().raw("next");
        assertEquals("next", taken());
    }

    /** It has room for the quotation mark and the brace behind the text, so it is not doubled for them. */
    @ParameterizedTest
    @ValueSource(ints = {3_000, 16 * 1024, 16 * 1024 + 5, 100_015})
    void theBufferOfALongTextIsAsLongAsTheText(int length) {
        assertAsLongAsTheText(length, false);
        assertAsLongAsTheText(length, true);
    }

    private static void assertAsLongAsTheText(int length, boolean ascii) {
        AtomicReference<byte[]> used = new AtomicReference<>();
        TextWriter fresh = new TextWriter();
        fresh.begin().raw("{").quoted("x".repeat(length), ascii).raw("}");
        fresh.send(new Wire((utf8, size) -> {
            assertEquals(length + 4, size);
            used.set(utf8);
        }));
        int room = used.get().length - length;
        assertTrue(room <= 8, () -> "room for " + room + " more");
    }

    @Test
    void aShortTextAfterAShorterOneIsKept() {
        AtomicReference<byte[]> used = new AtomicReference<>();
        for (int length : new int[] {2_100, 3_000})
            writer.begin().text("x".repeat(length)).send(new Wire((utf8, size) -> used.set(utf8)));
        byte[] kept = used.get();
        assertEquals(TextWriter.MAX_KEPT, kept.length);
        writer.begin().raw("next").send(new Wire((utf8, size) -> used.set(utf8)));
        assertSame(kept, used.get());
    }

    @Test
    void anIdleSessionKeepsNoLargeBuffer() throws Exception {
        AtomicReference<WeakReference<byte[]>> used = new AtomicReference<>();
        writer.quoted("x".repeat(100_000));
        writer.send(new Wire((utf8, size) -> used.set(new WeakReference<>(utf8))));
        for (int i = 0; i < 50 && used.get().get() != null; i++) {
            System.gc();
            Thread.sleep(i);
        }
        assertNull(used.get().get());
        assertWritten("y".repeat(100_000));
    }

    private void assertWritten(String text) {
        assertWritten(text, false);
        if (text.chars().allMatch(c -> c < 0x80)) assertWritten(text, true);
    }

    private void assertWritten(String text, boolean ascii) {
        writer.raw("{\"d\":")
                .quoted(text, ascii)
                .raw(",\"e\":")
                .text(text, ascii)
                .raw("}");
        String expected = "{\"d\":" + reference(text) + ",\"e\":" + text + "}";
        byte[] bytes = takenBytes();
        if (!Arrays.equals(expected.getBytes(StandardCharsets.UTF_8), bytes)) {
            assertEquals(expected, new String(bytes, StandardCharsets.UTF_8));
            throw new AssertionError("differs in an unpaired surrogate");
        }
    }

    private static String reference(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') json.append('\\').append(c);
            else if (c == '\n') json.append("\\n");
            else if (c == '\r') json.append("\\r");
            else if (c == '\t') json.append("\\t");
            else if (c == '\b') json.append("\\b");
            else if (c == '\f') json.append("\\f");
            else if (c < 0x20) json.append(String.format("\\u%04X", (int) c));
            else json.append(c);
        }
        return json.append('"').toString();
    }

    private String taken() {
        return new String(takenBytes(), StandardCharsets.UTF_8);
    }

    private byte[] takenBytes() {
        AtomicReference<byte[]> taken = new AtomicReference<>();
        writer.send(new Wire((utf8, size) -> taken.set(Arrays.copyOf(utf8, size))));
        return taken.get();
    }

    private static final class Wire implements SessionProtocol.Wire {
        private final BiConsumer<byte[], Integer> texts;

        Wire(BiConsumer<byte[], Integer> texts) {
            this.texts = texts;
        }

        @Override
        public void text(byte[] utf8, int size) {
            texts.accept(utf8, size);
        }

        @Override
        public void text(String text, long utf8Length) {
            throw new AssertionError("not as bytes");
        }

        @Override
        public void binary(ByteString bytes) {
            throw new AssertionError("binary");
        }
    }

    private String written(String text) throws Exception {
        writer.quoted(text);
        return JSON.readTree(takenBytes()).textValue();
    }
}

package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import dev.holdfast.internal.protocols.BadMessageException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Whatever a server sends, in whatever pieces, the parser agrees with one that has all bytes at once. */
class FrameFuzzTest {
    private static final long MAX_BODY = 40;

    @FuzzTest
    void frames(FuzzedDataProvider data) {
        int pieces = data.consumeInt(1, 20);
        agree(data.consumeRemainingAsBytes(), new Random(pieces), pieces);
    }

    /** The same without a fuzzer: frames of fragments that mean something. */
    @Test
    void randomFramesInRandomPieces() {
        Random random = new Random(7);
        String[] fragments = {
            "MESSAGE",
            "CONNECTED",
            "ERROR",
            "RECEIPT",
            "SEND",
            "\n",
            "\n",
            "\n",
            "\r\n",
            "\r\n",
            "\r",
            "\0",
            "\0",
            ":",
            "a:b",
            "a",
            "\\n",
            "\\r",
            "\\c",
            "\\\\",
            "\\t",
            "\\",
            "content-length:3",
            "content-length:0",
            "content-length:99",
            "content-length:-1",
            "body",
            "\u00e9",
            "\n\nabc\0",
            "MESSAGE\na:1\n\nx\0",
            // The third of several equal headers is read in another way than the first.
            "MESSAGE\na:1\nb\\n:2\n\nx\0MESSAGE\na:1\nb\\n:2\n\nx\0MESSAGE\na:1\nb\\n:2\n\nx\0",
            "MESSAGE\na:1\r\nb:2\n\nx\0MESSAGE\na:1\r\nb:2\n\nx\0MESSAGE\na:1",
            "MESSAGE\na:1\nb:2\n\nx\0MESSAGE\na:1\nb:2\n\nx\0MESSAGE\na:1\nb:",
            "CONNECTED\nversion:1.2\n\n\0",
            "MESSAGE\ncontent-length:3\n\na\0c\0"
        };
        int whole = 0;
        for (int run = 0; run < 20_000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(14); i >= 0; i--) text.append(fragments[random.nextInt(fragments.length)]);
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(8) == 0) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            if (agree(bytes, random, 1 + random.nextInt(6))) whole++;
        }
        assertFalse(whole < 1_000, "only " + whole + " runs had a whole frame");
    }

    /** Messages whose heads are much alike, as those of one broker are: the parser recognizes lines of earlier ones. */
    @Test
    void messagesThatAreMuchAlike() {
        Random random = new Random(11);
        String[] names = {"destination", "message-id", "a", "b", "c\\n", "\u00e4", "subscription", "content-type"};
        String[] values = {
            "1", "2", "3", "22", "", "a \"quoted\" word", "\u00e4\u00f6", "b\\n", ":", "/topic/a", "x".repeat(130)
        };
        for (int run = 0; run < 20_000; run++) {
            List<String> head = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            int changes = random.nextInt(4);
            for (int frame = random.nextInt(8); frame >= 0; frame--) {
                for (int i = head.isEmpty() ? 6 : random.nextInt(changes + 1); i > 0; i--) {
                    String line = names[random.nextInt(names.length)] + ":" + values[random.nextInt(values.length)];
                    int place = random.nextInt(head.size() + 1);
                    switch (random.nextInt(3)) {
                        case 0 -> head.add(place, line);
                        case 1 -> head.remove(head.isEmpty() ? line : head.get(random.nextInt(head.size())));
                        default -> head.replaceAll(old -> head.indexOf(old) == place ? line : old);
                    }
                }
                text.append(random.nextInt(9) == 0 ? "ERROR\n" : "MESSAGE\n");
                for (String line : head) text.append(line).append(random.nextInt(20) == 0 ? "\r\n" : "\n");
                text.append("\nx\0");
            }
            assertTrue(agree(text.toString().getBytes(StandardCharsets.UTF_8), random, 1 + random.nextInt(3)));
        }
    }

    private static boolean agree(byte[] bytes, RandomGenerator random, int pieces) {
        List<String> expected = SimpleFrames.read(bytes, MAX_BODY);
        String end = expected.isEmpty() ? "" : expected.get(expected.size() - 1);
        boolean incomplete = end.equals("incomplete");
        boolean illegal = end.equals("illegal");
        if (incomplete || illegal) expected.remove(expected.size() - 1);
        FrameParser parser = new FrameParser(MAX_BODY);
        List<Frame> frames = new ArrayList<>();
        BadMessageException thrown = null;
        try {
            for (int from = 0, piece = 1; from < bytes.length; piece++) {
                int left = bytes.length - from;
                int size = piece >= pieces ? left : random.nextInt(left + 1);
                parse(parser, bytes, from, size, random.nextBoolean(), frames);
                from += size;
            }
        } catch (BadMessageException e) {
            assertFalse(e.getMessage().isEmpty());
            thrown = e;
        }
        List<String> actual = new ArrayList<>();
        for (Frame frame : frames) {
            actual.add(SimpleFrames.describe(frame.command, frame.headers, frame.body()));
            assertEquals(frame.body().utf8(), frame.bodyText());
            assertEquals(frame.body().size(), frame.bodyBytes());
        }
        assertEquals(expected, actual);
        if (!isUtf8(bytes, 0, bytes.length)) assertTrue(isRefused(bytes), "a text that is not UTF-8");
        // The client may see earlier that what it has is illegal: a whole line is enough.
        if (!incomplete) assertEquals(illegal, thrown != null, () -> "illegal: " + illegal);
        return !expected.isEmpty();
    }

    /** @param asText whether the bytes come as a text message if they may */
    private static void parse(FrameParser parser, byte[] bytes, int from, int size, boolean asText, List<Frame> frames)
            throws BadMessageException {
        if (!asText || !isUtf8(bytes, from, size)) {
            parser.parse(Arrays.copyOfRange(bytes, from, from + size), frames);
            return;
        }
        Utf8Text unchecked = new Utf8Text();
        unchecked.set(bytes, Words.of(bytes), from, size);
        try {
            parser.parse(unchecked, frames);
        } catch (ProtocolViolation e) {
            throw new AssertionError("it is UTF-8", e);
        }
    }

    /** Parses bytes that need not be UTF-8 as a text message. Returns whether the parser has noticed that they are not. */
    private static boolean isRefused(byte[] bytes) {
        Utf8Text unchecked = new Utf8Text();
        unchecked.set(bytes, Words.of(bytes), 0, bytes.length);
        try {
            new FrameParser(MAX_BODY).parse(unchecked, new ArrayList<>());
            return false;
        } catch (ProtocolViolation | BadMessageException e) {
            return true;
        }
    }

    private static boolean isUtf8(byte[] bytes, int from, int size) {
        try {
            CharBuffer unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, size));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

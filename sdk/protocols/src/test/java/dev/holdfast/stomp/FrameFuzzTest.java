package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.frame.Words;
import dev.holdfast.internal.protocols.BadMessageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
                parser.parse(
                        bytes, Words.of(bytes), from, size, random.nextBoolean() && isUtf8(bytes, from, size), frames);
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
        // The client may see earlier that what it has is illegal: a whole line is enough.
        if (!incomplete) assertEquals(illegal, thrown != null, () -> "illegal: " + illegal);
        return !expected.isEmpty();
    }

    private static boolean isUtf8(byte[] bytes, int from, int size) {
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, from, size))
                            .length()
                    <= size;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

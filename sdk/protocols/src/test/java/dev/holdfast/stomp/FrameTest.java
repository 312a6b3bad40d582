package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import dev.holdfast.internal.protocols.BadMessageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTest {
    private static List<Frame> parse(String text) throws BadMessageException {
        List<Frame> frames = new ArrayList<>();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Utf8Text unchecked = new Utf8Text();
        unchecked.set(bytes, Words.of(bytes), 0, bytes.length);
        try {
            new FrameParser(10).parse(unchecked, frames);
        } catch (ProtocolViolation e) {
            throw new AssertionError("not UTF-8", e);
        }
        return frames;
    }

    private static Frame one(String text) throws BadMessageException {
        List<Frame> frames = parse(text);
        assertEquals(1, frames.size());
        return frames.get(0);
    }

    @Test
    void readsCommandHeadersAndBody() throws Exception {
        Frame frame = one("MESSAGE\ndestination:/topic/a\nx:\u00e4\n\nhello\0");
        assertEquals("MESSAGE", frame.command);
        assertEquals(Map.of("destination", "/topic/a", "x", "\u00e4"), frame.headers);
        assertEquals("hello", frame.bodyText());
        assertEquals("MESSAGE with 2 headers and 5 bytes", frame.toString());
    }

    @Test
    void unescapesHeadersButNotThoseOfConnected() throws Exception {
        assertEquals(Map.of("a:b", "c\nd\re\\n:"), one("MESSAGE\na\\cb:c\\nd\\re\\\\n\\c\n\n\0").headers);
        assertEquals(Map.of("a\\cb", "c\\n:d"), one("CONNECTED\na\\cb:c\\n:d\n\n\0").headers);
    }

    @Test
    void theFirstOfARepeatedHeaderCounts() throws Exception {
        assertEquals(Map.of("a", "1"), one("MESSAGE\na:1\na:2\n\n\0").headers);
    }

    /** From the third frame on, a header that was the same in two frames is recognized by its line. */
    @Test
    void equalHeadersOfManyFramesAreReadAsTheFirst() throws Exception {
        String[] heads = {
            "a:1\nb:2\n",
            "a:1\nb:2\n",
            "a:1\nb:2\n",
            "a:1\nb:23\n",
            "b:2\na:1\n",
            "a:1\r\nb:2\r\n",
            "a:1\r\nb:2\r\n",
            "a:1\r\nb:2\r\n",
            "a:1\na:1\n",
            "a:1\nb\\n:2\n",
            "a:1\nb\\n:2\n",
            "a:1\nb\\n:2\n",
            "a:1\nb:\u00e4\n",
            "a:1\nb:\u00e4\n",
            "a:1\nb:\u00e4\n"
        };
        StringBuilder all = new StringBuilder();
        for (String head : heads) all.append("MESSAGE\n").append(head).append("\nx\0");
        // The escape means something else here.
        all.append("CONNECTED\na:1\nb\\n:2\n\n\0");
        List<Frame> frames = parse(all.toString());
        for (int i = 0; i < heads.length; i++) {
            assertEquals(one("MESSAGE\n" + heads[i] + "\nx\0").headers, frames.get(i).headers);
        }
        assertEquals(Map.of("a", "1", "b\\n", "2"), frames.get(heads.length).headers);
    }

    @Test
    void manyHeadersKeepTheirOrder() throws Exception {
        for (int count : new int[] {0, 1, Headers.MAX - 1, Headers.MAX, Headers.MAX + 1, 3 * Headers.MAX}) {
            Map<String, String> expected = new LinkedHashMap<>();
            StringBuilder text = new StringBuilder("MESSAGE\n");
            for (int i = 0; i < count; i++) {
                expected.put("n" + i, "v" + i);
                text.append("n").append(i).append(":v").append(i).append('\n');
                text.append("n").append(i / 2).append(":repeated\n");
            }
            Map<String, String> headers = one(text + "\nbody\0").headers;
            assertEquals(new ArrayList<>(expected.entrySet()), new ArrayList<>(headers.entrySet()));
            assertEquals(expected.hashCode(), headers.hashCode());
            expected.forEach((name, value) -> {
                assertEquals(value, headers.get(name));
                assertTrue(headers.containsKey(name));
            });
            assertNull(headers.get("other"));
            assertNull(headers.get(null));
            assertFalse(headers.containsKey("other"));
            assertThrows(UnsupportedOperationException.class, () -> headers.put("n0", ""));
            if (count > 0) assertThrows(UnsupportedOperationException.class, () -> headers.remove("n0"));
        }
    }

    @Test
    void whatComesAgainIsTheSameString() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            text.append("MESSAGE\nmessage-id:")
                    .append(i)
                    .append("\ndestination:/a\nx:")
                    .append(i)
                    .append("\n\n\0");
        }
        List<Frame> frames = parse(text.toString());
        List<String> third = new ArrayList<>(frames.get(2).headers.keySet());
        List<String> fourth = new ArrayList<>(frames.get(3).headers.keySet());
        for (int i = 0; i < third.size(); i++) assertSame(third.get(i), fourth.get(i));
        assertSame(frames.get(2).header("destination"), frames.get(3).header("destination"));
        assertEquals(Map.of("message-id", "3", "destination", "/a", "x", "3"), frames.get(3).headers);
    }

    /** The parser keeps the names and values of a frame for the next one. */
    @Test
    void framesWithSimilarHeadersDiffer() throws Exception {
        List<Frame> frames = parse("MESSAGE\nid:1\nd:\u00e4\n\n\0" + "MESSAGE\nid:2\nd:\u00e4\n\n\0"
                + "MESSAGE\nid:22\n\n\0" + "MESSAGE\nie:22\nd:\\c\n\n\0" + "CONNECTED\nie:22\nd:\\c\n\n\0"
                + "MESSAGE\nd:\u00e4\nid:2\n\n\0");
        List<Map<String, String>> headers = new ArrayList<>();
        for (Frame frame : frames) headers.add(frame.headers);
        assertEquals(
                List.of(
                        Map.of("id", "1", "d", "\u00e4"),
                        Map.of("id", "2", "d", "\u00e4"),
                        Map.of("id", "22"),
                        Map.of("ie", "22", "d", ":"),
                        Map.of("ie", "22", "d", "\\c"),
                        Map.of("id", "2", "d", "\u00e4")),
                headers);
    }

    @Test
    void linesMayEndWithCrLf() throws Exception {
        Frame frame = one("\r\n\nMESSAGE\r\na:1\r\n\r\n\r\n\0\r\n\n");
        assertEquals(Map.of("a", "1"), frame.headers);
        assertEquals("\r\n", frame.bodyText());
    }

    @Test
    void aBodyOfKnownLengthMayHaveNul() throws Exception {
        assertEquals(
                ByteString.of((byte) 0, (byte) 'a', (byte) 0),
                one("MESSAGE\ncontent-length:3\n\n\0a\0\0").body());
        assertEquals(2, parse("MESSAGE\ncontent-length:0\n\n\0\nRECEIPT\n\n\0").size());
    }

    @ParameterizedTest
    @CsvSource({
        "SEND|||,unknown command",
        "MESSAGE|a||,header without a colon",
        "MESSAGE|:a||,header without a name",
        "MESSAGE|a:\\t||,undefined escape in a header",
        "MESSAGE|a:\\||,undefined escape in a header",
        "MESSAGE|content-length:x||,illegal content-length",
        "MESSAGE|content-length:-1||,illegal content-length",
        "MESSAGE|content-length:||,illegal content-length",
        "MESSAGE|content-length:9999999999999999||,illegal content-length",
        "MESSAGE|content-length:11||,body of more than 10 bytes",
        "MESSAGE||12345678901,body of more than 10 bytes",
        "MESSAGE||12345678901~,body of more than 10 bytes",
        "MESSAGE|content-length:1||ab,no NUL behind a body",
    })
    void namesTheFault(String frame, String fault) {
        String text = frame.replace('|', '\n').replace('~', Frame.NUL);
        assertEquals(
                fault,
                assertThrows(BadMessageException.class, () -> parse(text)).getMessage());
    }

    @Test
    void refusesTooManyAndTooLongHeaders() {
        String many = "MESSAGE\n" + "a:b\n".repeat(FrameParser.MAX_HEADERS + 1);
        assertEquals(
                "more than 1000 headers",
                assertThrows(BadMessageException.class, () -> parse(many)).getMessage());
        String known = "MESSAGE\na:1\n\n\0MESSAGE\na:2\n\n\0MESSAGE\na:";
        for (String head : List.of("MESSAGE\na:", "M", known, "MESSAGE\n" + ("a".repeat(999) + ":b\n").repeat(65))) {
            String endless = head + "a".repeat(FrameParser.MAX_HEAD_BYTES) + "\n";
            assertEquals(
                    "headers of more than 65536 bytes",
                    assertThrows(BadMessageException.class, () -> parse(endless))
                            .getMessage());
        }
        assertThrows(BadMessageException.class, () -> parse("MESSAGE\na:b\0c\n\n\0"));
    }

    @Test
    void writesWhatItReads() throws Exception {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("a:b", "c\nd\re\\");
        headers.put("\u20ac", "");
        String text = Frame.text("MESSAGE", headers, "body");
        assertEquals("MESSAGE\na\\cb:c\\nd\\re\\\\\n\u20ac:\n\nbody\0", text);
        assertEquals(headers, one(text).headers);
        assertEquals("CONNECT\na:b:c\n\n\0", Frame.text("CONNECT", Map.of("a", "b:c")));
    }

    @Test
    void refusesHeadersThatCannotBeSent() {
        assertThrows(IllegalArgumentException.class, () -> Frame.check(Map.of("", "a"), true));
        assertThrows(IllegalArgumentException.class, () -> Frame.check(Map.of("a", "\0"), true));
        assertThrows(IllegalArgumentException.class, () -> Frame.check(Map.of("a", "b\nc"), false));
        assertThrows(IllegalArgumentException.class, () -> Frame.check(Map.of("a:b", "c"), false));
        Frame.check(Map.of("a:b", "c\n"), true);
        assertTrue(Frame.text("SEND", Map.of("a", "\n")).contains("a:\\n\n"));
    }
}

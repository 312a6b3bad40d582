package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.internal.frame.Words;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KnownLinesTest {
    private final KnownLines known = new KnownLines();

    private KnownLines.Line at(int place, String bytes) {
        byte[] ascii = bytes.getBytes(StandardCharsets.US_ASCII);
        return known.at(place, Words.of(ascii), 0, ascii.length);
    }

    private void learn(int place, String line) {
        byte[] ascii = line.getBytes(StandardCharsets.US_ASCII);
        int colon = line.indexOf(':');
        known.learn(place, ascii, 0, colon, ascii.length, line.substring(0, colon), line.substring(colon + 1));
    }

    @Test
    void aLineIsKnownAtItsPlace() {
        learn(1, "destination:/a");
        assertNull(at(0, "destination:/a\nmore"));
        KnownLines.Line line = at(1, "destination:/a\nmore");
        assertEquals("/a", line.value);
        assertEquals("destination:/a\n".length(), line.size);
        assertSame("destination", line.name, "the name that a reader looks for is found without a comparison");
        assertNull(at(1, "destination:/ab\n"));
        assertNull(at(1, "destination:/a"), "the LF may not have come");
    }

    @Test
    void ofALineThatChangesTheNameIsKnown() {
        learn(0, "message-id:1");
        learn(0, "message-id:2");
        KnownLines.Line line = at(0, "message-id:3\n");
        assertNull(line.value);
        assertEquals("message-id:".length(), line.size);
        assertNull(at(0, "message-ie:3\n"));
    }

    @Test
    void aLineIsReplacedByTheSecondInARowOfAnotherName() {
        learn(0, "a:1");
        learn(0, "b:1");
        assertEquals("1", at(0, "a:1\n").value, "only one came between");
        learn(0, "b:1");
        assertNull(at(0, "b:1\n"));
        learn(0, "b:1");
        assertEquals("1", at(0, "b:1\n").value);
        learn(0, "b:2");
        assertNull(at(0, "b:1\n").value);
    }

    /** A line that came in two pieces is not recognized, though it is the same. */
    @Test
    void theSameLineStaysKnown() {
        learn(0, "a:1");
        learn(0, "a:1");
        assertEquals("1", at(0, "a:1\n").value);
    }

    @Test
    void longLinesAndManyAreNotKept() {
        String value = "x".repeat(200);
        learn(0, "a:" + value);
        assertNull(at(0, "a:" + value + "\n"));
        learn(Headers.MAX, "a:1");
        assertNull(at(Headers.MAX, "a:1\n"));
    }
}

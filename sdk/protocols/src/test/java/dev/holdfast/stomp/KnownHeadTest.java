package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.internal.frame.Words;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KnownHeadTest {
    private final KnownHead known = new KnownHead();

    private String[] match(String... pairs) {
        return matchBytes(head(pairs) + "body");
    }

    private String[] matchBytes(String text) {
        byte[] bytes = ("before" + text).getBytes(StandardCharsets.UTF_8);
        return known.match(bytes, Words.of(bytes), "before".length(), bytes.length);
    }

    private static String head(String... pairs) {
        StringBuilder head = new StringBuilder("MESSAGE\n");
        for (int i = 0; i < pairs.length; i += 2)
            head.append(pairs[i]).append(':').append(pairs[i + 1]).append('\n');
        return head.append('\n').toString();
    }

    private void learn(String... pairs) {
        known.learn(pairs, pairs.length);
    }

    @Test
    void nothingIsKnownBeforeTheFirst() {
        assertNull(match("a", "1"));
    }

    @Test
    void theSameHeadIsKnown() {
        String[] pairs = {"destination", "/\u00e4", "a", ""};
        learn(pairs);
        assertArrayEquals(pairs, match(pairs));
        assertEquals(("before" + head(pairs)).getBytes(StandardCharsets.UTF_8).length, known.behind());
        assertNull(match("destination", "/b", "a", ""));
        assertNull(match("destination", "/\u00e4", "a", "1"));
        assertNull(match("destination", "/\u00e4"));
        assertNull(match("destination", "/\u00e4", "a", "", "b", ""));
        assertNull(matchBytes("ERROR\n" + head(pairs).substring("MESSAGE\n".length())));
    }

    @Test
    void valuesThatChangeAreReadAndTheOthersCompared() {
        learn("a", "1", "message-id", "1", "b", "", "c", "2");
        learn("a", "1", "message-id", "22", "b", "", "c", "");
        assertArrayEquals(
                new String[] {"a", "1", "message-id", "x:y", "b", "", "c", "4"},
                match("a", "1", "message-id", "x:y", "b", "", "c", "4"));
        assertArrayEquals(
                new String[] {"a", "1", "message-id", "", "b", "", "c", ""},
                match("a", "1", "message-id", "", "b", "", "c", ""));
        assertNull(match("a", "2", "message-id", "1", "b", "", "c", "2"));
        assertNull(match("a", "1", "message-id", "1", "b", "3", "c", "2"));
        assertNull(match("a", "1", "message-ie", "1", "b", "", "c", "2"));
        // It changes for good.
        learn("a", "1", "message-id", "22", "b", "", "c", "");
        assertNotNull(match("a", "1", "message-id", "1", "b", "", "c", "2"));
    }

    @Test
    void aResultIsNotChangedByTheNextOne() {
        learn("a", "1");
        learn("a", "2");
        String[] first = match("a", "3");
        assertArrayEquals(new String[] {"a", "4"}, match("a", "4"));
        assertArrayEquals(new String[] {"a", "3"}, first);
    }

    @Test
    void whatNeedsACloserLookIsNotMatched() {
        learn("a", "1");
        learn("a", "2");
        for (String value : new String[] {"\\c", "\u00e4", "\"", "1\r", "\0", "\t"})
            assertNull(match("a", value), value);
        String longest = "x".repeat(FrameParser.MAX_HEAD_BYTES);
        assertNull(match("a", longest));
        assertNotNull(match("a", longest.substring(0, 60_000)));
    }

    @Test
    void aHeadThatIsNotCompleteIsNotMatched() {
        learn("a", "1", "b", "1");
        learn("a", "1", "b", "2");
        String whole = head("a", "1", "b", "33");
        for (int length = 0; length < whole.length(); length++) assertNull(matchBytes(whole.substring(0, length)));
        assertNotNull(matchBytes(whole));
    }

    @Test
    void itIsReplacedByTheSecondInARowWithOtherNames() {
        learn("a", "1");
        learn("b", "1");
        assertNotNull(match("a", "1"), "only one came between");
        learn("b", "1");
        assertNull(match("b", "1"));
        learn("b", "1");
        assertNotNull(match("b", "1"));
        assertNull(match("a", "1"));
    }

    @Test
    void aLongValueCountsAsOneThatChanges() {
        learn("a", "x".repeat(200), "b", "1");
        assertNotNull(match("a", "y", "b", "1"));
        assertNull(match("a", "y", "b", "2"));
    }

    @Test
    void aLongHeadIsNotKept() {
        String name = "n".repeat(2 * 1024);
        learn(name, "1");
        assertNull(match(name, "1"));
    }

    @Test
    void theNamesThatAReaderLooksForAreFoundWithoutAComparison() {
        learn(new String("message-id".toCharArray()), "1");
        String[] pairs = match("message-id", "1");
        assertSame("message-id", pairs[0]);
    }
}

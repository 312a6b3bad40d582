package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** That no limit of Jackson's is in force, whatever its version. */
class UnlimitedJsonTest {
    private static int tokens(String json) throws IOException {
        int tokens = 0;
        try (JsonParser parser = UnlimitedJson.factory().createParser(json)) {
            while (parser.nextToken() != null) {
                parser.getText();
                tokens++;
            }
        }
        return tokens;
    }

    @Test
    void nothingIsLimited() throws IOException {
        // Jackson's own limits: a depth of 1,000, strings of 20 million, names of 50,000 and numbers of 1,000
        // characters.
        assertEquals(4_000, tokens("[".repeat(2_000) + "]".repeat(2_000)));
        assertEquals(1, tokens('"' + "a".repeat(21_000_000) + '"'));
        assertEquals(4, tokens("{\"" + "n".repeat(60_000) + "\":1}"));
        assertEquals(1, tokens("1".repeat(2_000)));
    }

    @Test
    void thereIsOneFactory() {
        assertSame(UnlimitedJson.factory(), UnlimitedJson.factory());
    }
}

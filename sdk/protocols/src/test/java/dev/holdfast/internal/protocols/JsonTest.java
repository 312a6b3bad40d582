package dev.holdfast.internal.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
    /** The content of a string is what Jackson says, whether it needs a parser or not. */
    @Test
    void readsStringsAsJacksonDoes() {
        String[] pieces = {
            "\"",
            "\"",
            "a",
            "\\\"",
            "\\",
            "\\n",
            "\\u0041",
            "\n",
            "\u0001",
            "\u007f",
            "\u00e4",
            "\ud83d\ude00",
            " ",
            "1"
        };
        Random random = new Random(3);
        for (int run = 0; run < 20_000; run++) {
            StringBuilder text = new StringBuilder("\"");
            for (int i = random.nextInt(5); i > 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
            if (random.nextBoolean()) text.append('"');
            String json = text.toString();
            assertEquals(expected(json), Json.string(json), json);
        }
    }

    private static String expected(String json) {
        try (JsonParser parser = Json.FACTORY.createParser(json)) {
            return parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
        } catch (IOException e) {
            return null;
        }
    }
}

package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final EnvelopeWriter writer = new EnvelopeWriter();

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
        writer.begin("n").name("c").number(number).end();
        assertEquals("{\"t\":\"n\",\"c\":" + number + "}", writer.take());
    }

    private String written(String text) throws Exception {
        writer.begin("msg").name("d").string(text).end();
        JsonNode tree = JSON.readTree(writer.take());
        return tree.get("d").textValue();
    }
}

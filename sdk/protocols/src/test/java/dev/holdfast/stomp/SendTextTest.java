package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.JacksonCodec;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.TextWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** What goes out without being made is the frame that would be made. */
class SendTextTest {
    private final TextWriter writer = new TextWriter();

    private byte[] written(SendText text) {
        List<byte[]> all = new ArrayList<>();
        // An error may have left a part of another text in the writer. It must not go out.
        writer.raw("lost");
        text.write(writer);
        writer.send(new SessionProtocol.Wire() {
            @Override
            public void text(String made, long utf8Length) {
                throw new AssertionError("made");
            }

            @Override
            public void text(byte[] utf8, int size) {
                all.add(Arrays.copyOf(utf8, size));
            }

            @Override
            public void binary(ByteString bytes) {
                throw new AssertionError("binary");
            }
        });
        assertEquals(1, all.size());
        return all.get(0);
    }

    private static Body body(Object body) {
        return Body.of(body, JacksonCodec::lenient);
    }

    @Test
    void writesTheFrame() {
        String[] pieces = {"a", "/", ":", "\n", "\r", "\\", "\u00e4", "\u20ac", "\ud83d\ude00", "\ud83d", " "};
        Random random = new Random(4);
        for (int run = 0; run < 20_000; run++) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (int i = random.nextInt(3); i > 0; i--) headers.put("h" + text(random, pieces), text(random, pieces));
            String destination = text(random, pieces);
            Body body = body(random.nextBoolean() ? text(random, pieces) : List.of(text(random, pieces)));
            long receipt = random.nextInt(3);
            SendText text = SendText.of(destination, headers, body, receipt);
            assertNotNull(text);
            Map<String, String> own = receipt == 0 ? Map.of() : Map.of("receipt", Long.toString(receipt));
            String made = body.send(destination, headers, own).text;
            assertEquals(made, text.toString());
            byte[] written = written(text);
            assertArrayEquals(made.getBytes(StandardCharsets.UTF_8), written);
            assertEquals(written.length, text.bytes());
        }
    }

    private static String text(Random random, String[] pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
        return text.toString();
    }

    @Test
    void refusesWhatMustBeMade() {
        assertNull(SendText.of("/d", Map.of(), body(new byte[] {1}), 1));
        assertNull(SendText.of("/d", Map.of(), body("a\0"), 1));
        assertNull(SendText.of("/d", Map.of("content-type", "text/x"), body(List.of("a")), 1));
        assertNotNull(SendText.of("/d", Map.of("content-type", "text/x"), body("a"), 1));
        int free = TextWriter.MAX_KEPT - "SEND\ndestination:/d\n\n\0".length();
        assertNotNull(SendText.of("/d", Map.of(), body("x".repeat(free)), 0));
        assertNull(SendText.of("/d", Map.of(), body("x".repeat(free)), 1));
        assertNull(SendText.of("/d", Map.of(), body("x".repeat(free + 1)), 0));
    }
}

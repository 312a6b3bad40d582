package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.JacksonCodec;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.TextWriter;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** What goes out without being made is what Jackson makes. */
class EventTextTest {
    private final TextWriter writer = new TextWriter();

    private byte[] written(EventText text) {
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

    @Test
    void writesWhatJacksonWrites() {
        Random random = new Random(9);
        for (int run = 0; run < 20_000; run++) {
            Object[] arguments = new Object[random.nextInt(4)];
            for (int i = 0; i < arguments.length; i++) arguments[i] = argument(random);
            String event = text(random);
            EventText text = EventText.of("42", event, arguments);
            assertNotNull(text);
            String made = "42" + Arguments.array(event, arguments, new ArrayList<>(), JacksonCodec::lenient);
            assertEquals(made, text.toString());
            byte[] written = written(text);
            assertArrayEquals(made.getBytes(StandardCharsets.UTF_8), written);
            assertEquals(written.length, text.bytes());
        }
    }

    private static Object argument(Random random) {
        switch (random.nextInt(8)) {
            case 0:
                return null;
            case 1:
                return random.nextBoolean();
            case 2:
                return random.nextInt();
            case 3:
                return random.nextLong();
            default:
                return text(random);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0:
                    text.append((char) random.nextInt(0x30));
                    break;
                case 1:
                    text.append((char) random.nextInt(0x10000));
                    break;
                case 2:
                    text.appendCodePoint(0x10000 + random.nextInt(0x100000));
                    break;
                case 3:
                    text.append((char) (0xd7f0 + random.nextInt(0x1000)));
                    break;
                default:
                    text.append((char) random.nextInt(0x800));
            }
        }
        return text.toString();
    }

    @Test
    void keepsWhatTheCallerChanges() {
        Object[] arguments = {"a", "b"};
        EventText text = EventText.of("42", "e", arguments);
        Arrays.fill(arguments, "c");
        assertNotNull(text);
        assertEquals("42[\"e\",\"a\",\"b\"]", text.toString());
        assertEquals("42[\"e\",\"a\",\"b\"]", new String(written(text), StandardCharsets.UTF_8));
    }

    @Test
    void refusesWhatMustBeMade() {
        for (Object argument : new Object[] {CharBuffer.wrap("a"), 1.5, 'a', List.of(), new byte[1]}) {
            assertNull(EventText.of("42", "e", new Object[] {"a", argument}));
            assertNull(EventText.of("42", "e", new Object[] {argument}));
        }
        int free = TextWriter.MAX_KEPT - "42[\"e\",\"\"]".length();
        assertNotNull(EventText.of("42", "e", new Object[] {"x".repeat(free)}));
        assertNull(EventText.of("42", "e", new Object[] {"x".repeat(free + 1)}));
        assertNull(EventText.of("42", "e", new Object[] {"\u20ac".repeat(free / 3 + 1)}));
    }
}

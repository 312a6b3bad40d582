package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever comes in whatever pieces, the parser reports what the algorithm of the standard reports, which is written here without regard
 * to pieces and speed.
 */
class EventStreamFuzzTest {
    private static final int MAX = 200;
    private static final int RANDOM_STREAMS = 20_000;
    private static final String[] PARTS = {
        "\n",
        "\r",
        "\r\n",
        ":",
        " ",
        "data",
        "data:",
        "data: ",
        "event: e",
        "id",
        "id: ",
        "id:7",
        "retry: ",
        "retry:12",
        "\0",
        "é",
        "x",
        "\ufeff",
        "\n\n"
    };

    @FuzzTest
    void anyStream(byte[] stream) throws IOException {
        check(stream, new Random(stream.length));
    }

    @Test
    void randomStreams() throws IOException {
        for (int seed = 0; seed < RANDOM_STREAMS; seed++) {
            Random random = new Random(seed);
            StringBuilder stream = new StringBuilder();
            for (int parts = random.nextInt(40); parts > 0; parts--) stream.append(PARTS[random.nextInt(PARTS.length)]);
            check(stream.toString().getBytes(StandardCharsets.UTF_8), random);
        }
    }

    private static void check(byte[] stream, Random random) throws IOException {
        List<String> expected = expected(new String(stream, StandardCharsets.UTF_8));
        List<String> told = new ArrayList<>();
        EventStream parser = new EventStream(MAX, new EventStream.Handler() {
            @Override
            public void onEvent(String name, Buffer data, @Nullable String id) {
                told.add("event " + name + "|" + data.readUtf8() + "|" + id);
            }

            @Override
            public void onId(String id) {
                told.add("id " + id);
            }

            @Override
            public void onRetry(long millis) {
                told.add("retry " + millis);
            }

            @Override
            public void onComment() {
                told.add("comment");
            }
        });
        try {
            for (int from = 0; from < stream.length; ) {
                int size = Math.min(stream.length - from, 1 + random.nextInt(20));
                parser.read(new Buffer().write(stream, from, size));
                from += size;
            }
        } catch (ProtocolViolation tooBig) {
            assertEquals(ProtocolViolation.MESSAGE_TOO_BIG, tooBig.closeCode());
            assertEquals(expected.subList(0, told.size()), told);
            return;
        }
        assertEquals(expected, told);
    }

    /** Section 9.2.6. */
    private static List<String> expected(String decoded) {
        List<String> told = new ArrayList<>();
        String text = decoded.startsWith("\ufeff") ? decoded.substring(1) : decoded;
        String[] lines = text.replace("\r\n", "\n").replace('\r', '\n').split("\n", -1);
        StringBuilder data = new StringBuilder();
        String event = "";
        String id = null;
        // What follows the last line end is no line.
        for (int i = 0; i < lines.length - 1; i++) {
            String line = lines[i];
            int colon = line.indexOf(':');
            if (line.isEmpty()) {
                if (data.length() > 0) {
                    told.add("event " + event + "|" + data.substring(0, data.length() - 1) + "|" + id);
                } else if (id != null) {
                    told.add("id " + id);
                }
                data.setLength(0);
                event = "";
                id = null;
                continue;
            }
            if (colon == 0) {
                told.add("comment");
                continue;
            }
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
            switch (field) {
                case "data" -> data.append(value).append('\n');
                case "event" -> event = value;
                case "id" -> id = value.indexOf('\0') < 0 ? value : id;
                case "retry" -> {
                    if (value.matches("[0-9]+")) {
                        told.add("retry " + (value.length() > 12 ? "999999999999" : Long.parseLong(value)));
                    }
                }
                default -> {}
            }
        }
        return told;
    }
}

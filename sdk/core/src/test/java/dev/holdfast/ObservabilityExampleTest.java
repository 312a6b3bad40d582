package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The example of {@code docs/observability.md}, compiled and run; and the check that it is the same. */
class ObservabilityExampleTest {
    private final Logger log = Logger.getAnonymousLogger();
    private final boolean debugging = false;
    private final Map<String, Long> gauges = new HashMap<>();

    @Test
    void fillsTheGauges() {
        // spotless:off
        FrameLog frames = FrameLog.to(System.err); // one line for each frame, no payloads
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .addEventListener(new HoldfastEventListener() {
                    @Override
                    public void onConnectionFailure(ConnectionFailure failure) {
                        log.warning(failure.toString()); // what happened, what was decided, and why
                    }

                    @Override
                    public boolean wantsFrames() {
                        return debugging;
                    }

                    @Override
                    public void onFrame(Frame frame) {
                        frames.onFrame(frame);
                    }
                })
                .build();

        Metrics metrics = client.metrics(); // at any time, from any thread
        metrics.counts().forEach((counter, count) -> gauges.put(counter.name(), count));
        // spotless:on
        assertEquals(Metrics.Counter.values().length, gauges.size());
        assertEquals(0, gauges.get("ATTEMPTS"));
        assertEquals(
                new EnumMap<>(metrics.counts()).toString() + ", queued 0 messages of 0 bytes, buffered 0 bytes, "
                        + "round trip null",
                metrics.toString());
    }

    @Test
    void isThePages() throws IOException {
        List<String> page =
                trimmed(Files.readString(Path.of("..", "..", "docs", "observability.md")), "```java", "```");
        String source = Path.of("src", "test", "java", "dev", "holdfast", "ObservabilityExampleTest.java")
                .toString();
        assertEquals(page, trimmed(Files.readString(Path.of(source)), "// spotless:off", "// spotless:on"));
    }

    private static List<String> trimmed(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        List<String> lines = new ArrayList<>();
        for (String line : text.substring(from, text.indexOf(end, from)).lines().toList()) {
            if (!line.isBlank()) lines.add(line.strip());
        }
        return lines;
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's example, compiled; and the check that it is the README's. */
class ReadmeExampleTest {
    record ChatLine(String who, String text) {}

    /** Stands for JavaFX's. */
    static final class Platform {
        static void runLater(Runnable task) {
            task.run();
        }
    }

    static final class Row {
        void setMark(Outcome outcome) {}
    }

    private final List<ChatLine> chat = new ArrayList<>();
    private final Row row = new Row();

    @SuppressWarnings("FutureReturnValueIgnored")
    HoldfastClient example() {
        // spotless:off
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .callbackExecutor(Platform::runLater) // JavaFX; on Android: new Handler(Looper.getMainLooper())::post
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient client, Message message) {
                        chat.add(message.read(ChatLine.class));
                    }
                })
                .build();
        client.connect();

        client.send(new ChatLine("ada", "hello")) // JSON through Jackson; also send("text") and send(ByteString)
                .outcome()
                .thenAccept(outcome -> row.setMark(outcome));
        // spotless:on
        return client;
    }

    @Test
    void isTheReadmes() throws IOException {
        List<String> readme = trimmed(Files.readString(Path.of("..", "..", "README.md")), "```java", "```");
        String source = Path.of("src", "test", "java", "dev", "holdfast", "ReadmeExampleTest.java")
                .toString();
        assertEquals(readme, trimmed(Files.readString(Path.of(source)), "// spotless:off", "// spotless:on"));
        assertTrue(readme.size() <= 16, "longer than fifteen lines");
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

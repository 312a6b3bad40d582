package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/queue.md}, compiled; and the check that they are the document's. */
class SnippetsTest {
    record Typing(String who) {}

    static final class Row {
        void setMark(Outcome outcome) {}

        void setSent(boolean sent) {}

        void setRecalled(boolean recalled) {}
    }

    static final class Button {
        void onClick(Runnable action) {}
    }

    private final HoldfastClient client =
            HoldfastClient.builder("wss://example.com/live").build();
    private final ByteString picture = ByteString.EMPTY;
    private final Row row = new Row();
    private final Button undo = new Button();

    // snippet
    static final SendOptions TYPING = SendOptions.conflated("typing").withExpiry(Duration.ofSeconds(5));
    static final SendOptions UPLOAD = SendOptions.defaults().withPriority(Priority.BULK);
    // end

    void options() {
        // snippet
        client.send(new Typing("ada"), TYPING);
        client.send(picture, UPLOAD);
        // end
    }

    HoldfastClient build() {
        // snippet
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .queue(OutboundQueue.ofBytes(1024 * 1024)
                        .withMaxMessages(10_000)
                        .withWaterMarks(512 * 1024, 64 * 1024)
                        .withOverflow(Overflow.dropOldest()))
                .build();
        // end
        return client;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    // snippet
    void sendRest(Iterator<String> lines) {
        while (lines.hasNext() && client.writable().isDone()) client.send(lines.next(), UPLOAD);
        if (lines.hasNext()) client.writable().thenRun(() -> sendRest(lines));
    }
    // end

    OutboundQueue slow() {
        // snippet
        OutboundQueue slow = OutboundQueue.ofBytes(1024 * 1024)
                .withRateLimit(
                        RateLimit.ofMessages(50).withBytesPerSecond(64 * 1024).withBurst(Duration.ofSeconds(2)));
        // end
        return slow;
    }

    OutboundQueue together() {
        // snippet
        OutboundQueue together = OutboundQueue.ofBytes(1024 * 1024).withBatching(Duration.ofMillis(20));
        // end
        return together;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    void progress() {
        // snippet
        Delivery delivery = client.send("hello");
        delivery.written().thenAccept(written -> row.setSent(written));
        delivery.outcome().thenAccept(outcome -> row.setMark(outcome));
        undo.onClick(() -> row.setRecalled(delivery.cancel()));
        // end
    }

    @Test
    void areTheDocuments() throws IOException {
        List<String> documented = blocks(Path.of("..", "..", "docs", "queue.md"), "```java", "```");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "SnippetsTest.java");
        assertFalse(documented.isEmpty());
        assertEquals(String.join("\n\n", documented), String.join("\n\n", blocks(source, "// snippet", "// end")));
    }

    @Test
    void theProducerGoesOnWhenItMay() {
        options();
        sendRest(List.of("a", "b").iterator());
        progress();
        assertEquals(1024 * 1024, build().bufferedAmount() + slow().maxBytes());
        client.cancel();
    }

    /** What stands between two lines that say no more than {@code begin} and {@code end}, without its margin. */
    static List<String> blocks(Path file, String begin, String end) throws IOException {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : Files.readAllLines(file)) {
            if (line.strip().equals(begin)) {
                block = new StringBuilder();
            } else if (block != null && line.strip().equals(end)) {
                blocks.add(block.toString().stripTrailing().stripIndent());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The examples of {@code docs/logging.md}, compiled; and the check that they are the page's. */
class LoggingSnippetsTest {
    private final Logger log = LoggerFactory.getLogger(LoggingSnippetsTest.class);

    // spotless:off
    HoldfastClient slf4j() {
        // logging
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .logger(LoggerFactory.getLogger("dev.holdfast")::warn)
                .build();
        // end
        return client;
    }

    HoldfastClient nothing() {
        // logging
        HoldfastClient quiet = HoldfastClient.builder("wss://example.com/live")
                .logger((message, thrown) -> {})
                .build();
        // end
        return quiet;
    }

    HoldfastClient everything() {
        // logging
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .onConnectionFailure((c, failure) -> log.warn("{}", failure))
                .onSessionLost((c, loss) -> log.warn("{}", loss))
                .build();
        // end
        return client;
    }
    // spotless:on

    @Test
    void areThePages() throws IOException {
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "LoggingSnippetsTest.java");
        assertEquals(
                SnippetsTest.blocks(source, "// logging", "// end"),
                SnippetsTest.blocks(Path.of("..", "..", "docs", "logging.md"), "```java", "```"));
        for (HoldfastClient client : List.of(slf4j(), nothing(), everything())) client.cancel();
    }
}

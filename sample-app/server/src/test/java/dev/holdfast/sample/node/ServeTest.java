package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.server.RateLimit;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServeTest {
    @Test
    void theCommandLine() {
        ServeOptions options = ServeOptions.parse(
                "--port", "0", "--rate", "9", "--origin", "https://a.example", "--log", "redis://localhost/3");
        assertEquals(0, options.server().port());
        assertEquals(new RateLimit(9, 9), options.server().rateLimit());
        assertEquals(Set.of("https://a.example"), options.server().origins());
        assertEquals("redis://localhost/3", options.log());
        assertEquals("memory", ServeOptions.parse().log());
        assertEquals(8080, ServeOptions.parse().server().port());
        assertEquals(Duration.ofSeconds(2), ServeOptions.parse().drain());
        assertEquals(Duration.ofMinutes(2), ServeOptions.parse().server().ttl());
        assertEquals(
                Duration.ofSeconds(7), ServeOptions.parse("--ttl=7").server().ttl());
        assertEquals("127.0.0.1", ServeOptions.parse().server().front().host());
        assertEquals(
                "0.0.0.0", ServeOptions.parse("--bind=0.0.0.0").server().front().host());
        assertFalse(ServeOptions.parse().conformance());
        assertTrue(ServeOptions.parse("--conformance").conformance());
        for (String[] wrong : new String[][] {
            {"--fast"},
            {"--port"},
            {"--port", "x"},
            {"--port", "65536"},
            {"--rate", "0"},
            {"--log", "disk"},
            {"8080"},
            {"--ttl", "0"},
            {"--drain", "-1"},
            {"--cert", "a.pem"},
            {"--cert", "/nowhere/a.pem", "--key", "/nowhere/a.pem"}
        }) {
            assertThrows(IllegalArgumentException.class, () -> ServeOptions.parse(wrong));
        }
    }

    @Test
    void whatIsWrongIsToldByTheExitCode() throws Exception {
        assertEquals(2, Serve.runMain("--port", "x"));
        assertEquals(1, Serve.runMain("--log", "redis://127.0.0.1:1/0"));
        assertEquals(2, Serve.runMain("--token", "ada"));
    }
}

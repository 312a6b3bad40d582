package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    @ParameterizedTest
    @CsvSource({
        "redis://localhost, redis://localhost:6379",
        "redis://localhost/3, redis://localhost:6379/3",
        "redis://ada:a%40b@localhost/3, redis://ada:a%40b@localhost:6379/3",
        "rediss://[::1], rediss://[::1]:6379",
        "redis://localhost:1/3, redis://localhost:1/3",
    })
    void thePortMayBeLeftOut(String address, String complete) {
        assertEquals(address, SessionStore.checkedAddress(address));
        assertEquals(complete, RedisSessionStore.withPort(URI.create(address)).toString());
    }

    /** Jedis checks the form before it connects, so that a port that nobody listens on tells. */
    @ParameterizedTest
    @ValueSource(strings = {"redis://localhost:1", "redis://localhost:1/3"})
    void anAddressLeadsToAnAttempt(String address) {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> SessionStore.at(address));
        assertEquals("no Redis answers at localhost:1", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://localhost:x", "redis://local host", "redis://", "redis:///3", "localhost:6379"})
    void whatIsNoAddressIsRefused(String address) {
        assertThrows(IllegalArgumentException.class, () -> SessionStore.checkedAddress(address));
    }
}

package dev.holdfast.sample.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicUrlTest {
    @ParameterizedTest
    @CsvSource({
        "wss://example.com/live, wss://example.com/live",
        "wss://ada:secret@example.com/live, wss://example.com/live",
        "wss://example.com/@ada, wss://example.com/@ada",
        "wss://example.com/?access_token=abc&room=7, wss://example.com/?access_token=&room=7",
        "wss://example.com/?room=7&Api%4bey=abc, wss://example.com/?room=7&Api%4bey=",
        "wss://example.com/?x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s, wss://example.com/?x=",
        "wss://example.com/?q=0123456789abcdef0123456789abcdef, wss://example.com/?q=",
        "wss://example.com/?0123456789abcdef0123456789abcdef, wss://example.com/?",
        "wss://example.com/?room=a-quite-long-name-of-a-room, wss://example.com/?room=a-quite-long-name-of-a-room",
        "wss://example.com/?%zz=abc, wss://example.com/?%zz=",
        "wss://example.com/#token=abc, wss://example.com/",
        "not a url, not a url",
    })
    void secretsAreRemovedAndTheRestStays(String url, String expected) {
        assertEquals(expected, PublicUrl.of(url));
    }
}

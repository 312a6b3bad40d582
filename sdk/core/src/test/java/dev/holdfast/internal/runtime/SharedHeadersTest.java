package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import okhttp3.Headers;
import org.junit.jupiter.api.Test;

class SharedHeadersTest {
    private static Headers answer() {
        return new Headers.Builder()
                .add(new String("Upgrade"), new String("websocket"))
                .add(new String("Connection"), new String("Upgrade"))
                .add(new String("Sec-WebSocket-Accept"), new String("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
                .addUnsafeNonAscii("X-City", "Zürich")
                .add("Set-Cookie", "a=1")
                .add("Set-Cookie", "b=2")
                .build();
    }

    @Test
    void headersStayEqual() {
        assertEquals(answer(), SharedHeaders.of(answer()));
    }

    @Test
    void usualStringsAreShared() {
        Headers one = SharedHeaders.of(answer());
        Headers other = SharedHeaders.of(answer());
        for (int i = 0; i < 3; i++) assertSame(one.name(i), other.name(i));
        assertSame(one.value(0), other.value(0));
        assertSame(one.value(1), one.name(0));
        assertNotSame(one.value(2), other.value(2), "that of one connection");
    }

    /** OkHttp takes such a line from a server, and such a name from nobody else. */
    @Test
    void unusualNamesStay() {
        Headers odd = new Headers.Builder()
                .addLenient$okhttp("Upgrade: websocket")
                .addLenient$okhttp(": without a name")
                .build();
        assertSame(odd, SharedHeaders.of(odd));
    }
}

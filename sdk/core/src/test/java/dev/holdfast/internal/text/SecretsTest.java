package dev.holdfast.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
    private final Secrets secrets = new Secrets(List.of("hunter2-hunter2", "short", "hunter2-hunter2-and-more"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bad hunter2-hunter2|bad ***",
                "hunter2-hunter2-and-more|***",
                "a short word|a short word",
                "to wss://ada:pw@example.com:8443/live/abc?token=x failed|to wss://example.com:8443/... failed",
                "from https://example.com/|from https://example.com/",
                "from http://example.com (proxy)|from http://example.com (proxy)",
                "Authorization: Digest username=ada, nonce=1|Authorization: ***",
                "Set-Cookie: sid=1; theme=dark|Set-Cookie: ***",
                "a Bearer abc.def-1 is old|a Bearer *** is old",
                "{\"key\":\"abc def\",\"n\":1}|{\"key\":***,\"n\":1}",
                "access_token=abc&x=1|access_token=***&x=1",
                "password : abc, x|password : ***, x",
                "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig there|got *** there",
                "javax.naming.AuthenticationException: expired|javax.naming.AuthenticationException: expired",
                "TLS: TLS handshake failed: no trusted certificate|TLS: TLS handshake failed: no trusted certificate",
            })
    void secretsAreLeftOut(String text, String cleaned) {
        assertEquals(cleaned, secrets.clean(text));
    }

    @Test
    void aRenewedSecretTakesThePlaceOfTheOneBefore() {
        secrets.renew(List.of("Bearer first-credential"));
        assertEquals("*** *** x", secrets.clean("Bearer first-credential first-credential x"));
        secrets.renew(List.of("second-credential"));
        assertEquals("***", secrets.clean("second-credential"));
    }

    @Test
    void exceptionsKeepTheirClassesAndStackTraces() {
        IOException cause = new IOException("no access with hunter2-hunter2");
        IllegalStateException thrown = new IllegalStateException("Cookie: abc", cause);
        Throwable cleaned = secrets.clean(thrown, true);
        assertEquals("java.lang.IllegalStateException: Cookie: ***", cleaned.toString());
        assertEquals(
                "java.io.IOException: no access with ***", cleaned.getCause().toString());
        assertEquals(List.of(thrown.getStackTrace()), List.of(cleaned.getStackTrace()));
        StringWriter printed = new StringWriter();
        cleaned.printStackTrace(new PrintWriter(printed));
        assertFalse(printed.toString().contains("hunter2"), printed.toString());
        assertEquals(
                "java.io.IOException", secrets.clean(thrown, false).getCause().toString());
    }

    @Test
    void aCircleOfCausesEnds() {
        RuntimeException one = new RuntimeException("one");
        RuntimeException other = new RuntimeException("other", one);
        one.initCause(other);
        Throwable cleaned = secrets.clean(one, true);
        int depth = 0;
        for (Throwable at = cleaned; at != null; at = at.getCause()) depth++;
        assertEquals(9, depth);
        assertSame(null, secrets.clean(new Error(), true).getCause());
    }
}

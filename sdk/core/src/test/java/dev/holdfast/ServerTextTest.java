package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Payload;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server's text can't add lines to a log or control a terminal. */
class ServerTextTest {
    private static final String HOSTILE = "ok\r\n\u001b]0;title\u0007\u009b2J\u202egnp.exe\u2028" + "x".repeat(5_000);

    static Stream<Object> values() {
        return Stream.of(
                new CloseReason(4000, HOSTILE),
                new SessionLoss(HOSTILE, List.of(), List.of(), 0),
                Outcome.rejected(HOSTILE, HOSTILE),
                new Message(HOSTILE, HOSTILE, Payload.text(""), null, null),
                Loss.closed(Phase.SESSION, 4000, HOSTILE).message(),
                Loss.of(Phase.UPGRADE, HOSTILE, null).message());
    }

    @ParameterizedTest
    @MethodSource("values")
    void textIsEscapedAndBounded(Object value) {
        String text = value.toString();
        assertFalse(text.chars().anyMatch(c -> Character.isISOControl(c) || c == 0x202e || c == 0x2028), text);
        assertTrue(text.contains("ok\\u000d\\u000a\\u001b]0;title\\u0007\\u009b2J\\u202egnp.exe\\u2028x"), text);
        assertTrue(text.length() < 1_500, text.length() + " characters");
    }
}

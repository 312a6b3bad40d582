package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The opcodes of frames. What frames tell is in {@link FrameLogTest}. */
class FrameTest {
    @Test
    void opcodesAreThoseOfTheRfcAndTheReservedOnesAreNone() {
        List<Integer> codes = new ArrayList<>();
        for (int code = 0; code < 16; code++) {
            try {
                assertEquals(code, Frame.Opcode.of(code).code());
                codes.add(code);
            } catch (IllegalArgumentException e) {
                assertEquals("opcode must be 0, 1, 2, 8, 9 or 10, but was " + code, e.getMessage());
            }
        }
        assertEquals(List.of(0, 1, 2, 8, 9, 10), codes);
    }
}

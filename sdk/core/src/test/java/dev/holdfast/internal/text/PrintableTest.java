package dev.holdfast.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void ordinaryTextStaysTheSame() {
        String text = "Größe 你好 \uD83D\uDE00 \\ \" <b>";
        assertSame(text, Printable.value(text));
    }

    @Test
    void everyCharacterThatMovesTheCursorOrReordersTextIsEscaped() {
        for (int c = 0; c < 0x20; c++) assertEscaped(c);
        for (int c = 0x7f; c < 0xa0; c++) assertEscaped(c);
        int[] others = {0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff, 0xd800, 0xdfff};
        for (int c : others) assertEscaped(c);
        for (int c = 0x202a; c <= 0x202e; c++) assertEscaped(c);
        for (int c = 0x2066; c <= 0x2069; c++) assertEscaped(c);
    }

    private static void assertEscaped(int c) {
        assertEquals(String.format("a\\u%04xb", c), Printable.value("a" + (char) c + "b"));
    }

    @Test
    void tagsBeyondTheBasicPlaneAreEscapedToo() {
        assertEquals("\\udb40\\udc41", Printable.value("\uDB40\uDC41"));
    }

    @Test
    void theResultIsBoundedWhateverIsEscaped() {
        String value = Printable.value("\u001b".repeat(100_000));
        assertEquals(Printable.MAX_VALUE + 1, value.length());
        assertTrue(value.endsWith("\\u001b…"), value);
        assertEquals("x".repeat(Printable.MAX_MESSAGE) + "…", Printable.message("x".repeat(100_000)));
        String full = "x".repeat(Printable.MAX_VALUE);
        assertSame(full, Printable.value(full));
    }

    @Test
    void noCharacterIsCutInHalf() {
        String value = Printable.value("x".repeat(Printable.MAX_VALUE - 1) + "\uD83D\uDE00");
        assertEquals("x".repeat(Printable.MAX_VALUE - 1) + "…", value);
    }
}

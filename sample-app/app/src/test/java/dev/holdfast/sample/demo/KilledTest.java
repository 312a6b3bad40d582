package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KilledTest {
    private static final int KILLS = 10;
    private static final int MESSAGES = 2_000;
    private static final Progress QUIET = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

    @Test
    @Timeout(180)
    void nothingIsLostOrDoubledWheneverTheProcessIsKilled() throws Exception {
        Tally tally = Killed.run(KILLS, MESSAGES, 7, QUIET);
        System.out.println(tally);
        assertTrue(tally.passed(), tally::toString);
        assertEquals(KILLS, tally.reconnects());
        assertEquals(MESSAGES, tally.toServer().arrived());
        assertEquals(MESSAGES, tally.fromServer().arrived());
    }
}

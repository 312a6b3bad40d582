package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Frame;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.OutboundQueue;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that share frames, on connections that are cut under them. */
@Timeout(30)
class BatchingTest extends FaultHarness {

    private final AtomicInteger frames = new AtomicInteger();

    @Test
    void nothingIsLostOfABatch() {
        HoldfastEventListener counting = new HoldfastEventListener() {
            @Override
            public boolean wantsFrames() {
                return true;
            }

            @Override
            public void onFrame(Frame frame) {
                if (frame.isOutbound() && frame.opcode() == Frame.Opcode.TEXT) frames.incrementAndGet();
            }
        };
        talk(builder()
                .queue(OutboundQueue.ofBytes(1024 * 1024).withBatching(Duration.ofMillis(20)))
                .addEventListener(counting));
        for (int i = 1; i <= 3; i++) {
            proxy.cut();
            awaitResumed(i);
            awaitExchange();
        }
        // Acknowledgements and opens among them.
        assertTrue(2 * frames.get() < handledByServer.highest(), frames + " frames");
    }
}

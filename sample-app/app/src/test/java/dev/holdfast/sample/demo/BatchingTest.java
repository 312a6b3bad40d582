package dev.holdfast.sample.demo;

import dev.holdfast.Frame;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.OutboundQueue;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that share frames, on connections that are cut under them. */
@Timeout(180)
class BatchingTest extends FaultHarness {

    private final AtomicInteger batches = new AtomicInteger();

    @Test
    void nothingIsLostOfABatch() {
        HoldfastEventListener counting = new HoldfastEventListener() {
            @Override
            public boolean wantsFrames() {
                return true;
            }

            @Override
            public int framePayloadBytes() {
                return 1;
            }

            @Override
            public void onFrame(Frame frame) {
                if (frame.isOutbound() && frame.payload().startsWith("[")) batches.incrementAndGet();
            }
        };
        talk(builder()
                .queue(OutboundQueue.ofBytes(1024 * 1024).withBatching(Duration.ofMillis(20)))
                .addEventListener(counting));
        for (int i = 1; i <= 3; i++) {
            proxy.cut();
            awaitResumed(i);
            awaitExchange();
            int before = batches.get();
            await("a batch on the new connection", () -> batches.get() > before);
        }
    }
}

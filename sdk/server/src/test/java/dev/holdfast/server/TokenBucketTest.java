package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    @Test
    void aBucketFillsUpToItsBurstAndNoFurther() {
        TokenBucket bucket = new TokenBucket(new RateLimit(10, 3), 0);
        for (int i = 0; i < 3; i++) assertTrue(bucket.take(0));
        assertFalse(bucket.take(0));
        assertEquals(Duration.ofMillis(300), bucket.untilFull());
        long tenth = TimeUnit.MILLISECONDS.toNanos(100);
        assertTrue(bucket.take(tenth));
        assertFalse(bucket.take(tenth));
        long hour = TimeUnit.HOURS.toNanos(1);
        for (int i = 0; i < 3; i++) assertTrue(bucket.take(hour));
        assertFalse(bucket.take(hour));
    }
}

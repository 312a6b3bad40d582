package dev.holdfast.internal.message;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Knows how many compressors were made and not ended. */
public final class CountingZlib extends Zlib {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @Override
    public Inflater newInflater() {
        made.incrementAndGet();
        return new Inflater(true) {
            private boolean over;

            @Override
            public void end() {
                if (!over) ended.incrementAndGet();
                over = true;
                super.end();
            }
        };
    }

    @Override
    public Deflater newDeflater() {
        made.incrementAndGet();
        return new Deflater(Deflater.DEFAULT_COMPRESSION, true) {
            private boolean over;

            @Override
            public void end() {
                if (!over) ended.incrementAndGet();
                over = true;
                super.end();
            }
        };
    }

    public int made() {
        return made.get();
    }

    public int open() {
        return made.get() - ended.get();
    }
}

package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;

/** How much more memory is in use than at a moment before, garbage not counted. */
final class HeapGrowth {
    static final long MIB = 1024 * 1024;

    private final long before = used();

    private static long used() {
        // What a first collection makes unreachable, such as what waits for a reference's cleaning, the second takes.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    void assertBelow(long bytes) {
        long growth = used() - before;
        assertTrue(growth < bytes, "the heap grew by " + growth + " bytes, not by less than " + bytes);
    }
}

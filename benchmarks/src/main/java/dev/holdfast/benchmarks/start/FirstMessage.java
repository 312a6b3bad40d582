package dev.holdfast.benchmarks.start;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.Adler32;
import java.util.zip.CRC32C;

/** The way of a program from its start to the first message that it receives. */
final class FirstMessage {
    /** The text that is sent, and comes back. */
    static final String TEXT = "Is anybody there?";

    /** The names of JDK classes that nothing else loads. In a log of the classes loaded they mark the beginning and the end. */
    static final String BEGIN = "java.util.zip.CRC32C";

    static final String END = "java.util.zip.Adler32";

    private final CountDownLatch arrived = new CountDownLatch(1);
    private final long mark = new CRC32C().getValue();
    private final long begin = System.nanoTime();
    private volatile long end;

    /** Called when the message has arrived. */
    void arrived() {
        end = System.nanoTime();
        arrived.countDown();
    }

    /** Waits for the message, prints the time in microseconds and the bytes allocated since the start, and exits. */
    void finish() throws InterruptedException {
        if (!arrived.await(60, TimeUnit.SECONDS)) throw new IllegalStateException("no message");
        long last = new Adler32().getValue();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
        System.out.println((end - begin) / 1000 + " " + allocated);
        System.exit(mark + last > Integer.MAX_VALUE ? 1 : 0);
    }
}

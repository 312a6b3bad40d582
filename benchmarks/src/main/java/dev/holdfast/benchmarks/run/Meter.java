package dev.holdfast.benchmarks.run;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The resources that this process has used since the meter was started: time, processors, and memory by threads that
 * are still alive.
 */
public final class Meter {
    private static final int COLLECTIONS = 3;
    /** Of Linux. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Map<Long, Long> allocatedBefore = allocated();
    private final long cpuBefore = SYSTEM.getProcessCpuTime();
    private final long startedAt = System.nanoTime();

    double seconds() {
        return (System.nanoTime() - startedAt) / 1e9;
    }

    /** Returns the rate and the cost of this many messages. */
    public Map<Metric, Double> perMessage(long messages) {
        double seconds = seconds();
        double cpu = SYSTEM.getProcessCpuTime() - cpuBefore;
        long bytes = 0;
        for (Map.Entry<Long, Long> thread : allocated().entrySet()) {
            bytes += thread.getValue() - allocatedBefore.getOrDefault(thread.getKey(), 0L);
        }
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.RATE, messages / seconds);
        figures.put(Metric.CPU, cpu / messages / 1000);
        figures.put(Metric.ALLOCATED, (double) bytes / messages);
        return figures;
    }

    /** Returns the heap that is in use after a full collection. */
    public static long heapInUse(long settleMillis) throws InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            TimeUnit.MILLISECONDS.sleep(settleMillis);
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Returns the memory of this process that the system keeps in RAM; empty where it does not say so. */
    static OptionalLong resident() throws IOException {
        if (!Files.exists(STATUS)) return OptionalLong.empty();
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        }
    }

    /** Returns the number of platform threads; virtual threads do not count. */
    public static int platformThreads() {
        return THREADS.getThreadCount();
    }

    private static Map<Long, Long> allocated() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> byThread = new HashMap<>();
        for (int i = 0; i < ids.length; i++) byThread.put(ids[i], Math.max(0, bytes[i]));
        return byThread;
    }
}

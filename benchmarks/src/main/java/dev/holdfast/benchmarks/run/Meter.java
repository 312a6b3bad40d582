package dev.holdfast.benchmarks.run;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** What this process has used since the meter was started: time, processors, and memory by threads that are still alive. */
final class Meter {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Map<Long, Long> allocatedBefore = allocated();
    private final long cpuBefore = SYSTEM.getProcessCpuTime();
    private final long startedAt = System.nanoTime();

    double seconds() {
        return (System.nanoTime() - startedAt) / 1e9;
    }

    /** Rate and cost of that many messages. */
    Map<Metric, Double> perMessage(long messages) {
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

    private static Map<Long, Long> allocated() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> byThread = new HashMap<>();
        for (int i = 0; i < ids.length; i++) byThread.put(ids[i], Math.max(0, bytes[i]));
        return byThread;
    }
}

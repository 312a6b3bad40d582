package dev.holdfast.sample.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The reports of the processes of {@link KilledClient}, which run one after another. Thread-safe. */
final class KilledReports {
    private static final long PATIENCE_SECONDS = 60;

    private final BitSet stored = new BitSet();
    private final BitSet inDoubt = new BitSet();
    private final AtomicInteger sessionsLost = new AtomicInteger();
    private final List<String> problems = new ArrayList<>();
    private int restored;
    private volatile boolean open;
    private volatile @Nullable CountDownLatch ended;

    /** Reads what a new process reports, in the background. */
    void follow(Process process) {
        open = false;
        CountDownLatch end = new CountDownLatch(1);
        ended = end;
        Thread reader = new Thread(
                () -> {
                    read(process);
                    end.countDown();
                },
                "reports");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Process process) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) take(line);
        } catch (IOException e) {
            // The process was killed.
        }
    }

    /** The last line of a killed process may be cut off, and then counts as a problem only if it was one. */
    private synchronized void take(String line) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
            case "open" -> open = true;
            case "stored" -> stored.set(Integer.parseInt(words[1]));
            case "ended" -> {
                inDoubt.set(Integer.parseInt(words[1]));
                problems.add(line);
            }
            case "restored" -> restored += Integer.parseInt(words[1]);
            case "lost" -> sessionsLost.incrementAndGet();
            case "problem" -> problems.add(line);
            default -> {}
        }
    }

    void awaitEnd() throws InterruptedException {
        CountDownLatch end = ended;
        if (end != null && !end.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the output of a process that was killed does not end");
        }
    }

    boolean isOpen() {
        return open;
    }

    synchronized int stored() {
        return stored.cardinality();
    }

    /** Returns the highest number that is stored, 0 for none. */
    synchronized int highestStored() {
        return stored.length() == 0 ? 0 : stored.length() - 1;
    }

    /** Returns how many messages the processes have found in the store when they began, together. */
    synchronized int restored() {
        return restored;
    }

    synchronized boolean isInDoubt(int number) {
        return inDoubt.get(number);
    }

    synchronized int inDoubt() {
        return inDoubt.cardinality();
    }

    int sessionsLost() {
        return sessionsLost.get();
    }

    synchronized @Nullable String problem() {
        return problems.isEmpty() ? null : problems.get(0);
    }
}

package dev.holdfast.sample.model;

import dev.holdfast.sample.demo.SecondClient;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/**
 * The control that kills the process of the {@link SecondClient}. The properties belong to the window's thread. The killing runs on a
 * separate thread, because it blocks.
 */
public final class KillDesk implements AutoCloseable {
    private final SecondClient client = new SecondClient();
    private final EventLog log;
    private final Executor window;
    private final ReadOnlyBooleanWrapper killing = new ReadOnlyBooleanWrapper();
    private final ReadOnlyObjectWrapper<SecondClient.Counts> counts = new ReadOnlyObjectWrapper<>(client.counts());
    private final ExecutorService deeds = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "killer");
        thread.setDaemon(true);
        return thread;
    });

    KillDesk(EventLog log, Executor window) {
        this.log = log;
        this.window = window;
    }

    /** Returns whether the process is being killed, or comes back, as a property. */
    public ReadOnlyBooleanProperty killing() {
        return killing.getReadOnlyProperty();
    }

    /** Returns what has become of the second client's messages, as a property. */
    public ReadOnlyObjectProperty<SecondClient.Counts> counts() {
        return counts.getReadOnlyProperty();
    }

    /** Kills the process while messages wait on its disk, and starts it again. */
    public void kill() {
        if (killing.get()) return;
        killing.set(true);
        log.add("fault", "Kill the process of the second client");
        deeds.execute(() -> {
            String result = "The second client is back";
            try {
                client.kill(this::show);
                String problem = client.problem();
                if (problem != null) result = "The second client has a problem: " + problem;
            } catch (RuntimeException e) {
                result = "Kill the process failed: " + e;
            }
            String said = result;
            window.execute(() -> {
                log.add("fault", said);
                killing.set(false);
            });
        });
    }

    /** Shows the counts of this moment, on the window's thread. */
    private void show() {
        SecondClient.Counts now = client.counts();
        window.execute(() -> counts.set(now));
    }

    /** Updates the counts. Call it about ten times a second on the window's thread. */
    void tick() {
        counts.set(client.counts());
    }

    /** Ends the process. Blocks. */
    @Override
    public void close() {
        client.hurry();
        deeds.shutdown();
        try {
            boolean unused = deeds.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}

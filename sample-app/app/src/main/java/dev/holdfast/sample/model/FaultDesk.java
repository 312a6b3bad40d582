package dev.holdfast.sample.model;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.demo.Peer;
import dev.holdfast.sample.demo.Suspension;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;

/**
 * The controls that apply faults to the conversation. The properties belong to the window's thread. Their effects run
 * one after another on a separate thread, because the restart of a server blocks.
 */
public final class FaultDesk implements AutoCloseable {
    /** Long enough for the client to detect a suspension. */
    private static final Duration SUSPENSION = Duration.ofSeconds(6);

    private final Peer peer;
    private final EventLog log;
    private final Map<Fault, BooleanProperty> present = new EnumMap<>(Fault.class);
    private final IntegerProperty delayMillis = new SimpleIntegerProperty();
    private final IntegerProperty kibibytesPerSecond = new SimpleIntegerProperty();
    private final ExecutorService deeds = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "faults");
        thread.setDaemon(true);
        return thread;
    });

    FaultDesk(Peer peer, EventLog log) {
        this.peer = peer;
        this.log = log;
        for (Fault fault : Fault.values()) {
            BooleanProperty on = new SimpleBooleanProperty();
            present.put(fault, on);
            on.addListener((changed, was, is) -> turned(fault, is));
        }
        delayMillis.addListener((changed, was, is) ->
                later("Delay " + is + " ms each way", () -> peer.delay(Duration.ofMillis(is.longValue()))));
        kibibytesPerSecond.addListener((changed, was, is) -> later(
                is.intValue() == 0 ? "Throttle off" : "Throttle " + is + " KiB/s",
                () -> peer.throttle(is.longValue() * 1024)));
    }

    /** Returns whether a fault has begun and not ended, as a property. */
    public BooleanProperty on(Fault fault) {
        return Objects.requireNonNull(present.get(fault));
    }

    /** Returns the delay of bytes in each direction, as a property. */
    public IntegerProperty delayMillis() {
        return delayMillis;
    }

    /** Returns the limit in KiB per second, as a property; 0 for no limit. */
    public IntegerProperty kibibytesPerSecond() {
        return kibibytesPerSecond;
    }

    /** Begins and ends a fault. */
    public void strike(Fault fault) {
        if (fault == Fault.SUSPEND) {
            later(fault.label() + " for " + SUSPENSION.toSeconds() + " s", () -> Suspension.of(SUSPENSION));
            return;
        }
        on(fault).set(true);
        on(fault).set(false);
    }

    private void turned(Fault fault, boolean begins) {
        if (begins) {
            present.forEach((other, on) -> {
                if (other != fault && other.part() == fault.part()) on.set(false);
            });
        }
        switch (fault) {
            case DELAY -> delayMillis.set(begins ? Fault.DELAY_MILLIS : 0);
            case THROTTLE -> kibibytesPerSecond.set(begins ? Fault.THROTTLE_KIBIBYTES : 0);
            default -> {
                if (begins) {
                    later(fault.label(), () -> fault.begin(peer));
                } else if (!fault.isMoment()) {
                    later(fault.label() + ": over", () -> fault.end(peer));
                }
            }
        }
    }

    /** Ends all faults that have begun. */
    public void calm() {
        present.values().forEach(on -> on.set(false));
        delayMillis.set(0);
        kibibytesPerSecond.set(0);
    }

    /** Returns a future that completes when everything that was asked for until now has been done to the conversation. */
    public CompletableFuture<Void> settled() {
        return CompletableFuture.runAsync(() -> {}, deeds);
    }

    private void later(String what, Runnable deed) {
        log.add("fault", what);
        deeds.execute(() -> {
            try {
                deed.run();
            } catch (RuntimeException e) {
                log.add("fault", what + " failed: " + e);
            }
        });
    }

    /** Waits for the changes that are in progress. */
    @Override
    public void close() {
        deeds.shutdown();
        try {
            boolean unused = deeds.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

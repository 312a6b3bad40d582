package dev.holdfast.sample.model;

import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.fault.Direction;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;

/**
 * Does harm to the conversation. Its properties belong to the window's thread; what they ask for is done on a thread of its
 * own, one deed after another, since a server's restart blocks.
 */
public final class FaultDesk implements AutoCloseable {
    /** How long the client has to move to another connection. */
    private static final Duration DRAIN_TIME = Duration.ofMillis(500);

    private static final Duration SUSPENSION = Duration.ofSeconds(5);

    private final Peer peer;
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final Executor window;
    private final EventLog log;
    private final Map<Fault, BooleanProperty> switches = new EnumMap<>(Fault.class);
    private final IntegerProperty delayMillis = new SimpleIntegerProperty();
    private final IntegerProperty kilobytesPerSecond = new SimpleIntegerProperty();
    private final ExecutorService deeds = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "faults");
        thread.setDaemon(true);
        return thread;
    });

    FaultDesk(Peer peer, Executor window, EventLog log) {
        this.peer = peer;
        this.window = window;
        this.log = log;
        for (Fault fault : Fault.values()) {
            if (!fault.isLasting()) continue;
            BooleanProperty on = new SimpleBooleanProperty();
            switches.put(fault, on);
            on.addListener((changed, was, is) -> switched(fault, is));
        }
        delayMillis.addListener((changed, was, is) ->
                later("delay " + is + " ms each way", () -> peer.proxy().delay(Duration.ofMillis(is.longValue()))));
        kilobytesPerSecond.addListener((changed, was, is) -> later(
                is.intValue() == 0 ? "throttle off" : "throttle " + is + " KiB/s",
                () -> peer.proxy().throttle(is.longValue() * 1024)));
    }

    /** Whether a lasting fault is on. */
    public BooleanProperty on(Fault fault) {
        BooleanProperty on = switches.get(fault);
        if (on == null) throw new IllegalArgumentException(fault + " is over at once");
        return on;
    }

    /** How long bytes are on their way, each way. */
    public IntegerProperty delayMillis() {
        return delayMillis;
    }

    /** How many KiB a second come through, 0 for all. */
    public IntegerProperty kilobytesPerSecond() {
        return kilobytesPerSecond;
    }

    /** Whether the system can stop a process and let it go on. */
    public static boolean canSuspend() {
        return !System.getProperty("os.name", "").startsWith("Windows");
    }

    ManualNetworkMonitor network() {
        return network;
    }

    /** Does what is over at once. */
    public void strike(Fault fault) {
        if (fault == Fault.SUSPEND) {
            suspend(SUSPENSION);
            return;
        }
        later(fault.label(), () -> {
            switch (fault) {
                case CUT -> peer.proxy().cut();
                case RESTART -> peer.restart(true);
                case RESTART_WITHOUT_LOG -> peer.restart(false);
                case EXPIRE_SESSION -> peer.expireSessions();
                case EXPIRE_CREDENTIAL -> peer.expireCredential();
                case DRAIN -> peer.drain(DRAIN_TIME);
                default -> throw new IllegalArgumentException(fault + " is done otherwise");
            }
        });
    }

    private void switched(Fault fault, boolean on) {
        boolean out = on(Fault.HOLE_OUT).get() || on(Fault.NETWORK_OFF).get();
        boolean in = on(Fault.HOLE_IN).get() || on(Fault.NETWORK_OFF).get();
        later(fault.label() + (on ? ": on" : ": off"), () -> {
            switch (fault) {
                case REFUSE -> peer.proxy().refuse(on);
                case NETWORK_OFF, HOLE_OUT, HOLE_IN -> {
                    peer.proxy().blackHole(Direction.CLIENT_TO_SERVER, out);
                    peer.proxy().blackHole(Direction.SERVER_TO_CLIENT, in);
                    if (fault == Fault.NETWORK_OFF) tellOfNetwork(!on);
                }
                default -> throw new IllegalArgumentException(fault + " is over at once");
            }
        });
    }

    private void tellOfNetwork(boolean available) {
        if (available) {
            network.available();
        } else {
            network.lost();
        }
    }

    /** Ends all that lasts. */
    public void calm() {
        switches.values().forEach(on -> on.set(false));
        delayMillis.set(0);
        kilobytesPerSecond.set(0);
    }

    /** Stops this process, and lets it go on after a while. */
    public void suspend(Duration time) {
        later(Fault.SUSPEND.label(), () -> {
            stopAndContinue(time);
            window.execute(() -> log.add("fault", "it was suspended for " + time.toMillis() + " ms"));
        });
    }

    private static void stopAndContinue(Duration time) throws IOException, InterruptedException {
        long pid = ProcessHandle.current().pid();
        String seconds = String.format(Locale.ROOT, "%.3f", time.toMillis() / 1000.0);
        Process shell = new ProcessBuilder(
                        "sh", "-c", "kill -STOP " + pid + "; sleep " + seconds + "; kill -CONT " + pid)
                .start();
        if (shell.waitFor() != 0) throw new IOException("the shell could not stop process " + pid);
    }

    private interface Deed {
        void run() throws Exception;
    }

    private void later(String what, Deed deed) {
        log.add("fault", what);
        deeds.execute(() -> {
            try {
                deed.run();
            } catch (Exception e) {
                window.execute(() -> log.add("fault", what + " failed: " + e));
            }
        });
    }

    /** Waits for the deeds that are under way. */
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

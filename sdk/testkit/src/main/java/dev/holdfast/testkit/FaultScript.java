package dev.holdfast.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Faults of a {@link TestServer} at given times:
 *
 * <pre>{@code
 * new FaultScript()
 *         .after(Duration.ofSeconds(2), TestServer::cut)
 *         .after(Duration.ofSeconds(1), s -> s.refuse(503))
 *         .after(Duration.ofSeconds(30), TestServer::available)
 *         .play(server);
 * }</pre>
 *
 * <p>Each time counts from the fault before. Not thread-safe.
 */
public final class FaultScript {
    private static final class Step {
        final Duration at;
        final Consumer<TestServer> fault;

        Step(Duration at, Consumer<TestServer> fault) {
            this.at = at;
            this.fault = fault;
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private Duration length = Duration.ZERO;

    /** Creates a script without a fault. */
    public FaultScript() {}

    /**
     * {@return a script of faults that a seed chooses: cuts, restarts, refused connections and black holes, each over in 20 s}
     * At its end the server is well. The same seed gives the same script.
     *
     * @param seed any number
     * @param length how long it goes on, at least a minute
     */
    public static FaultScript random(long seed, Duration length) {
        if (length.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("length must be at least a minute, but was " + length);
        }
        // The first numbers of neighbouring seeds hardly differ.
        Random random = new Random(seed * 0x9E3779B97F4A7C15L);
        FaultScript script = new FaultScript();
        while (true) {
            Duration pause = millis(random, 10_000);
            Duration fault = millis(random, 20_000);
            if (script.length.plus(pause).plus(fault).compareTo(length) > 0) break;
            script.addRandom(random.nextInt(7), pause, fault);
        }
        return script.after(length.minus(script.length), TestServer::available);
    }

    private static Duration millis(Random random, int bound) {
        return Duration.ofMillis(1 + random.nextInt(bound));
    }

    private void addRandom(int kind, Duration pause, Duration fault) {
        switch (kind) {
            case 0:
                after(pause, TestServer::cut);
                break;
            case 1:
                after(pause, TestServer::restart);
                break;
            case 2:
                after(pause, server -> server.cut().unreachable()).after(fault, TestServer::available);
                break;
            case 3:
                after(pause, server -> server.cut().refuse(503)).after(fault, TestServer::available);
                break;
            case 4:
                blackHole(Direction.BOTH, pause, fault);
                break;
            case 5:
                blackHole(Direction.CLIENT_TO_SERVER, pause, fault);
                break;
            default:
                blackHole(Direction.SERVER_TO_CLIENT, pause, fault);
        }
    }

    private void blackHole(Direction direction, Duration pause, Duration length) {
        after(pause, server -> server.blackHole(direction, true))
                .after(length, server -> server.blackHole(direction, false));
    }

    /**
     * Adds a fault.
     *
     * @param delay the time since the fault before, or since {@link #play}
     * @param fault what happens, such as {@code TestServer::cut}; it must not let time go on
     * @return this script
     */
    public FaultScript after(Duration delay, Consumer<TestServer> fault) {
        if (delay.isNegative()) throw new IllegalArgumentException("delay must not be negative, but was " + delay);
        length = length.plus(delay);
        steps.add(new Step(length, Objects.requireNonNull(fault, "fault")));
        return this;
    }

    /** {@return the time from the beginning to the last fault} */
    public Duration length() {
        return length;
    }

    /**
     * Plays the faults while time goes on, beginning now. Returns at once.
     *
     * @param server where they happen
     */
    public void play(TestServer server) {
        for (Step step : steps) server.time().schedule(step.at, () -> step.fault.accept(server));
    }
}

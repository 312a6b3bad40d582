package dev.holdfast.sample.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A sequence of all faults in random order, again and again, some of them overlapping. The same seed gives the same
 * storm.
 */
public final class Storm {
    private static final long MIN_MILLIS = 50;
    private static final long MAX_MILLIS = 1_000;
    private static final long MAX_BETWEEN_MILLIS = 900;

    /** The time without faults at the end: messages that come through then show what was lost before. */
    private static final Duration CALM = Duration.ofSeconds(2);

    /** A fault with its begin and its end, measured from the beginning of the storm. */
    record Strike(Fault fault, Duration begin, Duration end) {}

    /** The begin or the end of a strike. */
    public record Turn(Duration at, Fault fault, boolean begins) {}

    private Storm() {}

    static List<Strike> strikes(Random random, Duration time, boolean losesSessions) {
        List<Fault> possible = Arrays.stream(Fault.values())
                .filter(fault -> fault.isPossible() && (losesSessions || !fault.losesSession()))
                .toList();
        Map<Fault.Part, Long> freeAt = new EnumMap<>(Fault.Part.class);
        List<Fault> bag = new ArrayList<>();
        List<Strike> strikes = new ArrayList<>();
        long last = time.minus(CALM).toMillis();
        for (long now = random.nextLong(MAX_BETWEEN_MILLIS); ; now += random.nextLong(MAX_BETWEEN_MILLIS)) {
            if (bag.isEmpty()) {
                bag.addAll(possible);
                Collections.shuffle(bag, random);
            }
            Fault fault = bag.remove(bag.size() - 1);
            long begin = Math.max(now, freeAt.getOrDefault(fault.part(), 0L));
            long end = begin + random.nextLong(MIN_MILLIS, MAX_MILLIS);
            if (end > last) break;
            freeAt.put(fault.part(), end + MIN_MILLIS);
            strikes.add(new Strike(fault, Duration.ofMillis(begin), Duration.ofMillis(end)));
        }
        return strikes;
    }

    /**
     * Returns what begins and ends in a storm, in order.
     *
     * @param losesSessions whether the faults that cost the client its session are among them
     */
    public static List<Turn> turns(Random random, Duration time, boolean losesSessions) {
        List<Turn> turns = new ArrayList<>();
        for (Strike strike : strikes(random, time, losesSessions)) {
            turns.add(new Turn(strike.begin(), strike.fault(), true));
            turns.add(new Turn(strike.end(), strike.fault(), false));
        }
        turns.sort(Comparator.comparing(Turn::at));
        return turns;
    }

    static void rage(Stage stage, Random random, Duration time) throws InterruptedException {
        long beginning = System.nanoTime();
        for (Turn turn : turns(random, time, true)) {
            stage.pause(turn.at().minusNanos(System.nanoTime() - beginning));
            if (turn.begins()) {
                stage.striking(turn.fault());
                turn.fault().begin(stage.peer());
            } else {
                turn.fault().end(stage.peer());
                stage.over(turn.fault());
            }
        }
    }
}

package dev.holdfast.sample.demo;

import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.Middlebox;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A scenario in which the network or the server fails repeatedly while messages flow. */
public enum Scenario {
    /** The connection is reset. */
    CUT("cut", 6, 2_500) {
        @Override
        void strike(Stage stage, int round) {
            stage.breaking();
            stage.peer().proxy().cut();
        }
    },
    /** The network silently discards everything: one direction, the other, or the connection is forgotten for good. */
    BLACKHOLE("blackhole", 4, 1_600) {
        @Override
        void strike(Stage stage, int round) throws InterruptedException {
            stage.breaking();
            if (round == 0) {
                stage.peer().proxy().forget();
                stage.awaitNoticed();
            } else {
                Direction direction = DIRECTIONS.get(round % DIRECTIONS.size());
                stage.peer().proxy().blackHole(direction, true);
                stage.awaitNoticed();
                stage.peer().proxy().blackHole(direction, false);
            }
        }
    },
    /** The server goes down and comes back with its log. */
    SERVER_RESTART("server-restart", 4, 2_500) {
        @Override
        void strike(Stage stage, int round) throws InterruptedException {
            stage.breaking();
            stage.peer().stopServer();
            stage.pause(Duration.ofMillis(100));
            stage.peer().startServer();
        }
    },
    /** The connection is reset and new ones are refused for a while. */
    REFUSED("refused", 4, 2_500) {
        @Override
        void strike(Stage stage, int round) throws InterruptedException {
            stage.breaking();
            stage.peer().proxy().refuse(true);
            stage.peer().proxy().cut();
            stage.pause(Duration.ofMillis(300));
            stage.peer().proxy().refuse(false);
        }
    },
    /** One reset after another, over a slow network. */
    FLAP("flap", 20, 2_500) {
        @Override
        void strike(Stage stage, int round) {
            stage.peer().proxy().delay(Duration.ofMillis(10));
            stage.breaking();
            stage.peer().proxy().cut();
        }
    },
    /** The server forgets the session: the messages under way are lost, and the client must report that. */
    SESSION_EXPIRED("session-expired", 3, 2_500) {
        @Override
        void strike(Stage stage, int round) throws InterruptedException {
            stage.breaking();
            stage.peer().expireSessions();
        }
    },
    /**
     * WebSockets are allowed, blocked in one way after another, and allowed again: the session moves to plain HTTP and back.
     */
    BLOCKED("blocked", 3, 1_000) {
        @Override
        void strike(Stage stage, int round) throws InterruptedException {
            stage.breaking();
            stage.peer().block(BLOCKS.get(round));
            stage.awaitCarrier(true);
            stage.pause(Duration.ofSeconds(1));
            stage.peer().allow();
            stage.awaitCarrier(false);
        }
    },
    /** Two servers share a Redis behind a proxy and are killed one after the other: {@link TwoNodes}. */
    TWO_NODES("two-nodes", 0, 1_000),
    /** The client's process is killed and goes on from its store: {@link Killed}. */
    KILLED("killed", 0, 0),
    /** All faults at random. */
    STORM("storm", 0, 400) {
        @Override
        void play(Stage stage, Duration traffic, Random random) throws InterruptedException {
            stage.awaitOpen();
            Storm.rage(stage, random, traffic);
        }
    };

    private static final List<Direction> DIRECTIONS = List.of(Direction.values());
    private static final List<Middlebox> BLOCKS =
            List.of(Middlebox.FORBIDS_UPGRADES, Middlebox.ANSWERS_UPGRADES, Middlebox.BUFFERS);

    private final String label;
    private final int rounds;
    private final int messagesASecond;

    Scenario(String label, int rounds, int messagesASecond) {
        this.label = label;
        this.rounds = rounds;
        this.messagesASecond = messagesASecond;
    }

    /** Applies the fault for the {@code round}th time, from 0. */
    void strike(Stage stage, int round) throws InterruptedException {}

    /** Applies the faults repeatedly while messages flow. */
    void play(Stage stage, Duration traffic, Random random) throws InterruptedException {
        stage.awaitOpen();
        long begin = System.nanoTime();
        double share = traffic.toNanos() / (rounds + 0.5);
        for (int round = 0; round < rounds; round++) {
            double due = share * (round + 0.25 + random.nextDouble() / 2);
            stage.pause(Duration.ofNanos(begin + (long) due - System.nanoTime()));
            stage.awaitOpen();
            strike(stage, round);
        }
    }

    /** Returns the name on the command line. */
    public String label() {
        return label;
    }

    /** Returns the rate at which each side sends, slow enough for the faults to occur while messages flow. */
    int messagesASecond() {
        return messagesASecond;
    }

    /** Returns whether the scenario may lose sessions. */
    boolean mayLoseSessions() {
        return this == SESSION_EXPIRED || this == STORM;
    }

    /** Returns whether the scenario always loses sessions. */
    boolean losesSessions() {
        return this == SESSION_EXPIRED;
    }

    /** Returns whether the client goes on over HTTP if no WebSocket opens. */
    boolean fallsBack() {
        return this == BLOCKED || this == STORM;
    }

    static Scenario labelled(String label) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario is called " + label));
    }
}

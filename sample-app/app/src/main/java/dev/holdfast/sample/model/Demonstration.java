package dev.holdfast.sample.model;

import dev.holdfast.sample.demo.Peer;
import dev.holdfast.sample.demo.Storm;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;

/**
 * The conversation with the embedded server, in which both sides keep sending, and the faults that can be applied to
 * it.
 */
public final class Demonstration implements AutoCloseable {
    /** The longest pause for which missed messages are sent afterwards. */
    private static final double MAX_CATCH_UP_SECONDS = 1;

    /** The length of each storm; one follows another. */
    private static final Duration STORM = Duration.ofMinutes(1);

    /** The time span over which rates are measured. */
    private static final long RATE_NANOS = 2_000_000_000L;

    /**
     * The weight of a new rate in the displayed one: it is a matter of chance whether one more message falls into the
     * span.
     */
    private static final double SMOOTHING = 0.15;

    private record Count(long nanoTime, int sent, int received) {}

    private final Peer peer = new Peer();
    private final EventLog log = new EventLog();
    private final FaultDesk faults;
    private final KillDesk killDesk;
    private final Conversation conversation;
    private final IntegerProperty messagesPerSecond = new SimpleIntegerProperty(1);
    private final BooleanProperty storming = new SimpleBooleanProperty();
    private final BooleanProperty stormLosesSessions = new SimpleBooleanProperty();

    /** The turns of the current storm that are still to come. */
    private final Queue<Storm.Turn> storm = new ArrayDeque<>();

    private final Random random;
    private long stormBegan;
    private long lastTick = System.nanoTime();
    private double owed;
    private final Queue<Count> counts = new ArrayDeque<>();
    private double sentPerSecond;
    private double receivedPerSecond;

    /**
     * Starts the server and connects to it. Blocks while the server starts.
     *
     * @param window the window's thread, on which all other methods are called
     */
    public Demonstration(Executor window) {
        this(Conversation.Policies.STANDARD, new Random(), window);
    }

    /**
     * Starts the server and connects to it with other policies. Blocks while the server starts.
     *
     * @param random decides which faults a storm has, and when
     */
    public Demonstration(Conversation.Policies policies, Random random, Executor window) {
        this.random = random;
        faults = new FaultDesk(peer, log);
        killDesk = new KillDesk(log, window);
        conversation = new Conversation(peer, policies, window, log);
        storming.addListener((changed, was, is) -> {
            log.add("fault", is ? "storm" : "storm over");
            storm.clear();
            if (!is) faults.calm();
        });
        stormLosesSessions.addListener((changed, was, is) -> {
            storm.clear();
            if (storming.get()) faults.calm();
        });
    }

    /** Sends what is due on both sides. Call it about ten times a second on the window's thread. */
    public void tick(long nanoTime) {
        double seconds = (nanoTime - lastTick) / 1e9;
        lastTick = nanoTime;
        rate(nanoTime);
        killDesk.tick();
        conversation.sample(nanoTime, sentPerSecond, receivedPerSecond);
        if (storming.get()) storm(nanoTime);
        owed += messagesPerSecond.get() * Math.min(seconds, MAX_CATCH_UP_SECONDS);
        for (; owed >= 1; owed--) {
            conversation.send("hello");
            boolean unused = peer.say("hello");
        }
    }

    private void storm(long nanoTime) {
        if (storm.isEmpty()) {
            storm.addAll(Storm.turns(random, STORM, stormLosesSessions.get()));
            stormBegan = nanoTime;
        }
        for (Storm.Turn turn = storm.peek(); turn != null; turn = storm.peek()) {
            if (turn.at().toNanos() > nanoTime - stormBegan) return;
            faults.on(turn.fault()).set(turn.begins());
            storm.remove();
        }
    }

    private void rate(long nanoTime) {
        Totals totals = conversation.totals();
        int sent = totals.toServer().sent();
        int received = totals.fromServer().arrived();
        counts.add(new Count(nanoTime, sent, received));
        while (nanoTime - counts.element().nanoTime > RATE_NANOS) counts.remove();
        Count from = counts.element();
        double seconds = Math.max(1, (nanoTime - from.nanoTime) / 1e9);
        sentPerSecond += SMOOTHING * ((sent - from.sent) / seconds - sentPerSecond);
        receivedPerSecond += SMOOTHING * ((received - from.received) / seconds - receivedPerSecond);
    }

    /** Returns the client's side of the conversation. */
    public Conversation conversation() {
        return conversation;
    }

    /** Returns the faults that can be applied to the conversation. */
    public FaultDesk faults() {
        return faults;
    }

    /** Returns the control that kills the process of a second client. */
    public KillDesk killDesk() {
        return killDesk;
    }

    /** Returns whether a storm also has the faults that cost the client its session, as a property. */
    public BooleanProperty stormLosesSessions() {
        return stormLosesSessions;
    }

    /** Returns whether faults occur at random, as a property. */
    public BooleanProperty storming() {
        return storming;
    }

    /** Returns the log of events. */
    public EventLog log() {
        return log;
    }

    /** Returns the rate at which each side sends, as a property. */
    public IntegerProperty messagesPerSecond() {
        return messagesPerSecond;
    }

    /** Returns the URL that the client connects to. */
    public String url() {
        return peer.url();
    }

    /** Closes both sides. Blocks while the server stops. */
    @Override
    public void close() {
        conversation.close();
        faults.close();
        killDesk.close();
        peer.close();
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.RateLimit;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.internal.settings.BackoffDelays;
import dev.holdfast.internal.settings.HeartbeatTimes;
import dev.holdfast.internal.settings.ReactionTable;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link SessionMachine}. They do not change once a machine has them. */
public final class SessionSettings {
    /** The gate that limits when attempts may be made. */
    public interface Gate {
        /** Takes a turn and returns the nanoseconds to wait for it; 0 for none. */
        long reserve(int endpoint, long now);

        /** Gives back a turn that will not be used. */
        default void giveBack(int endpoint) {}
    }

    final boolean resumable;
    final BackoffDelays backoff;
    final HeartbeatTimes heartbeat;
    final long lowMark;
    final @Nullable RateLimit rateLimit;
    final long welcomeTimeoutNanos;
    final long closeTimeoutNanos;

    boolean opensWithLast;
    boolean resendsWithKey;
    long batchWindowNanos = -1;
    /** A correct server sends no duplicates; the client tolerates one that replays too much. */
    int rememberedIds = 1024;

    @Nullable
    String start;

    ReactionTable policy = new ReactionTable(ReconnectPolicy.standard());
    int endpoints = 1;
    boolean credentials;

    @Nullable
    Gate gate;

    /**
     * Creates settings with the defaults of the optional ones.
     *
     * @param resumable whether the session outlives its connections, see {@code docs/protocol.md}
     * @param lowMark messages are handed to a connection only while fewer bytes than this wait in it
     * @param rateLimit the limit on handing messages over, null for none
     * @param welcomeTimeoutNanos the time for the server to answer {@code open}
     * @param closeTimeoutNanos the time for queued messages to go out when the client closes
     */
    public SessionSettings(
            boolean resumable,
            Backoff backoff,
            Heartbeat heartbeat,
            long lowMark,
            @Nullable RateLimit rateLimit,
            long welcomeTimeoutNanos,
            long closeTimeoutNanos) {
        this.resumable = resumable;
        this.backoff = new BackoffDelays(backoff);
        this.heartbeat = new HeartbeatTimes(heartbeat);
        this.lowMark = lowMark;
        this.rateLimit = rateLimit;
        this.welcomeTimeoutNanos = welcomeTimeoutNanos;
        this.closeTimeoutNanos = closeTimeoutNanos;
    }

    /** Sets how long a message waits for others to share a frame, if the server allows it; negative for no wait. */
    public SessionSettings batchWindow(long batchWindowNanos) {
        this.batchWindowNanos = batchWindowNanos;
        return this;
    }

    /** Sets whether a connection without a resumable session begins with a message made from the last message's id. */
    public SessionSettings opensWithLast(boolean opensWithLast) {
        this.opensWithLast = opensWithLast;
        return this;
    }

    /**
     * Sets whether a message of unknown outcome that carries an idempotency key goes out again, with that key, on the
     * session that follows a lost one. Default: it ends UNKNOWN.
     */
    public SessionSettings resendsWithKey(boolean resendsWithKey) {
        this.resendsWithKey = resendsWithKey;
        return this;
    }

    /** Sets how many ids of messages are remembered to detect duplicates. Default: 1,024. */
    public SessionSettings rememberedIds(int rememberedIds) {
        this.rememberedIds = rememberedIds;
        return this;
    }

    /** Sets the id after which the first connection starts; null for none. */
    public SessionSettings startingAfter(@Nullable String start) {
        this.start = start;
        return this;
    }

    public SessionSettings policy(ReconnectPolicy policy) {
        this.policy = new ReactionTable(policy);
        return this;
    }

    /** Sets the number of endpoints, which are tried in turn. */
    public SessionSettings endpoints(int endpoints) {
        this.endpoints = endpoints;
        return this;
    }

    /** Sets whether the application supplies credentials. */
    public SessionSettings credentials(boolean credentials) {
        this.credentials = credentials;
        return this;
    }

    public SessionSettings gate(@Nullable Gate gate) {
        this.gate = gate;
        return this;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.RateLimit;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.internal.settings.BackoffDelays;
import dev.holdfast.internal.settings.HeartbeatTimes;
import dev.holdfast.internal.settings.ReactionTable;
import org.jspecify.annotations.Nullable;

/** What a {@link SessionMachine} goes by. Not changed once a machine has it. */
public final class SessionSettings {
    /** Asks whether an attempt may be made now. */
    public interface Gate {
        /** The nanoseconds to wait for a turn, which is taken; 0 for none. */
        long reserve(int endpoint, long now);

        /** The turn will not be used. */
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
    /** A correct server sends no duplicates; one that replays too much is put up with. */
    int rememberedIds = 1024;

    @Nullable
    String start;

    ReactionTable policy = new ReactionTable(ReconnectPolicy.standard());
    int endpoints = 1;
    boolean credentials;

    @Nullable
    Gate gate;

    /**
     * Settings without what is optional.
     *
     * @param resumable whether the session outlives its connections, see {@code docs/protocol.md}
     * @param lowMark messages are handed to a connection only while fewer bytes than this wait in it
     * @param rateLimit how fast they are handed over, null for as fast as they can
     * @param welcomeTimeoutNanos how long the server may take to answer {@code open}
     * @param closeTimeoutNanos how long what is queued may take to go out when the client closes
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

    /** How long a message waits for others to share a frame with, if the server allows it; not at all where negative. */
    public SessionSettings batchWindow(long batchWindowNanos) {
        this.batchWindowNanos = batchWindowNanos;
        return this;
    }

    /** Whether a connection without a resumable session begins with what the last message's id calls for. */
    public SessionSettings opensWithLast(boolean opensWithLast) {
        this.opensWithLast = opensWithLast;
        return this;
    }

    /**
     * Whether a message of unknown outcome that carries an idempotency key goes out again, with that key, on the session that
     * follows a lost one. Default: it ends UNKNOWN.
     */
    public SessionSettings resendsWithKey(boolean resendsWithKey) {
        this.resendsWithKey = resendsWithKey;
        return this;
    }

    /** How many ids of messages are remembered against duplicates. 1,024 unless set. */
    public SessionSettings rememberedIds(int rememberedIds) {
        this.rememberedIds = rememberedIds;
        return this;
    }

    /** The id from which the first connection goes on; null for none. */
    public SessionSettings startingAfter(@Nullable String start) {
        this.start = start;
        return this;
    }

    public SessionSettings policy(ReconnectPolicy policy) {
        this.policy = new ReactionTable(policy);
        return this;
    }

    /** How many there are to be tried in turn. */
    public SessionSettings endpoints(int endpoints) {
        this.endpoints = endpoints;
        return this;
    }

    /** Whether the application supplies credentials. */
    public SessionSettings credentials(boolean credentials) {
        this.credentials = credentials;
        return this;
    }

    public SessionSettings gate(@Nullable Gate gate) {
        this.gate = gate;
        return this;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.RateLimit;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.internal.settings.BackoffDelays;
import dev.holdfast.internal.settings.HeartbeatTimes;
import dev.holdfast.internal.settings.ReactionTable;
import java.util.Collections;
import java.util.Set;
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

    /** Whether messages wait for a welcome. */
    boolean opens;
    /** Whether the server begins the opening exchange. */
    boolean serverOpens;

    /** Whether the client takes its leave before it closes a session with an opening exchange for good. */
    boolean saysBye = true;

    boolean opensWithLast;
    boolean storesPosition;
    boolean storesCursors;
    boolean resendsWithKey;
    long batchWindowNanos = -1;
    /** A correct server sends no duplicates; the client tolerates one that replays too much. */
    int rememberedIds = 1024;

    @Nullable
    String start;

    private Set<Integer> staleCodes = Collections.emptySet();

    ReactionTable policy = new ReactionTable(ReconnectPolicy.standard());
    int endpoints = 1;
    boolean credentials;
    boolean suppliesEndpoints;

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
        this.opens = resumable;
        this.backoff = new BackoffDelays(backoff);
        this.heartbeat = new HeartbeatTimes(heartbeat);
        this.lowMark = lowMark;
        this.rateLimit = rateLimit;
        this.welcomeTimeoutNanos = welcomeTimeoutNanos;
        this.closeTimeoutNanos = closeTimeoutNanos;
    }

    /** Sets the HTTP statuses and close codes by which the server refuses the position from which the client asks to go on. */
    public SessionSettings staleCodes(Set<Integer> codes) {
        staleCodes = codes;
        return this;
    }

    boolean isStale(Loss loss) {
        return staleCodes.contains(loss.httpStatus()) || staleCodes.contains(loss.closeCode());
    }

    /** Sets how long a message waits for others to share a frame, if the server allows it; negative for no wait. */
    public SessionSettings batchWindow(long batchWindowNanos) {
        this.batchWindowNanos = batchWindowNanos;
        return this;
    }

    /**
     * Sets that a session which is not resumable has an opening exchange, which the welcome ends. Such a session does not
     * detect duplicates.
     *
     * @param byServer whether the server begins it
     */
    public SessionSettings opening(boolean byServer) {
        opens = true;
        serverOpens = byServer;
        rememberedIds = 0;
        return this;
    }

    /** Sets that the protocol has no farewell but the close frame. */
    public SessionSettings withoutBye() {
        saysBye = false;
        return this;
    }

    /** Sets whether a connection without a resumable session begins with a message made from the last message's id. */
    public SessionSettings opensWithLast(boolean opensWithLast) {
        this.opensWithLast = opensWithLast;
        return this;
    }

    /** Sets whether a store keeps the id of the last message that was handled, in a session without acknowledgements. */
    public SessionSettings storesPosition(boolean storesPosition) {
        this.storesPosition = storesPosition;
        return this;
    }

    /** Sets whether a store keeps the cursors of subscriptions. */
    public SessionSettings storesCursors(boolean storesCursors) {
        this.storesCursors = storesCursors;
        return this;
    }

    /** Returns whether it matters which messages of the session's stream the application has handled. */
    boolean tracksStream() {
        return resumable || storesPosition;
    }

    /** Returns whether it matters which messages the application has handled. */
    public boolean tracksHandled() {
        return tracksStream() || storesCursors;
    }

    /**
     * Sets whether a message of unknown outcome that carries an idempotency key goes out again, with that key, on the
     * session that follows a lost one. Default: it ends UNKNOWN.
     */
    public SessionSettings resendsWithKey(boolean resendsWithKey) {
        this.resendsWithKey = resendsWithKey;
        return this;
    }

    /** Returns whether a message of unknown outcome that carries an idempotency key goes out again. */
    public boolean resendsWithKey() {
        return resendsWithKey;
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

    /** Sets whether the application supplies the endpoint of each attempt. */
    public SessionSettings suppliesEndpoints(boolean suppliesEndpoints) {
        this.suppliesEndpoints = suppliesEndpoints;
        return this;
    }

    /** Returns whether the application has an answer to a refusal. */
    boolean canRefresh() {
        return credentials || suppliesEndpoints;
    }

    public SessionSettings gate(@Nullable Gate gate) {
        this.gate = gate;
        return this;
    }
}

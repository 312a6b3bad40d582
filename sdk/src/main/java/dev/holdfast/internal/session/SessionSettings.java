package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.RateLimit;
import org.jspecify.annotations.Nullable;

/** What a {@link SessionMachine} goes by. Immutable. */
public final class SessionSettings {
    final boolean resumable;
    final Backoff backoff;
    final Heartbeat heartbeat;
    final long lowMark;
    final @Nullable RateLimit rateLimit;
    final long welcomeTimeoutNanos;
    final long closeTimeoutNanos;

    /**
     * @param resumable whether the session outlives its connections, see {@code docs/resume-protocol.md}
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
        this.backoff = backoff;
        this.heartbeat = heartbeat;
        this.lowMark = lowMark;
        this.rateLimit = rateLimit;
        this.welcomeTimeoutNanos = welcomeTimeoutNanos;
        this.closeTimeoutNanos = closeTimeoutNanos;
    }
}

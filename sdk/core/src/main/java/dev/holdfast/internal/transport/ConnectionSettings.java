package dev.holdfast.internal.transport;

import dev.holdfast.Compression;
import dev.holdfast.RedirectPolicy;
import dev.holdfast.internal.message.Zlib;
import java.util.concurrent.TimeUnit;

/** What connections are set to. Immutable; times in nanoseconds. */
public final class ConnectionSettings {
    static final long NO_LIMIT = Long.MAX_VALUE;
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Little enough for a ping not to wait long behind one, enough for a system call to be worth its cost. */
    private static final int FRAGMENT_BYTES = 64 * 1024;

    final long connectTimeoutNanos;
    final long closeTimeoutNanos;
    final long flushTimeoutNanos;
    final long maxMessageBytes;
    final long maxBufferedBytes;
    final int fragmentBytes;
    final Compression compression;
    final Zlib zlib;
    final RedirectPolicy redirects;

    private ConnectionSettings(
            long connectTimeoutNanos,
            long closeTimeoutNanos,
            long flushTimeoutNanos,
            long maxMessageBytes,
            long maxBufferedBytes,
            int fragmentBytes,
            Compression compression,
            Zlib zlib,
            RedirectPolicy redirects) {
        this.connectTimeoutNanos = connectTimeoutNanos;
        this.closeTimeoutNanos = closeTimeoutNanos;
        this.flushTimeoutNanos = flushTimeoutNanos;
        this.maxMessageBytes = maxMessageBytes;
        this.maxBufferedBytes = maxBufferedBytes;
        this.fragmentBytes = fragmentBytes;
        this.compression = compression;
        this.zlib = zlib;
        this.redirects = redirects;
    }

    /**
     * Settings without compression, with fragments of 64 KiB, 5 seconds for the closing handshake, and no limit for what is
     * queued before it.
     *
     * @param connectTimeoutNanos to the end of the upgrade
     * @param maxMessageBytes of the largest message taken
     */
    public static ConnectionSettings of(long connectTimeoutNanos, long maxMessageBytes) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                CLOSE_TIMEOUT_NANOS,
                NO_LIMIT,
                maxMessageBytes,
                NO_LIMIT,
                FRAGMENT_BYTES,
                Compression.none(),
                new Zlib(),
                RedirectPolicy.sameOrigin());
    }

    /** Sets how long the server may take to answer our close frame, from when that has been given to the socket. */
    public ConnectionSettings closeTimeoutNanos(long nanos) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                nanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                compression,
                zlib,
                redirects);
    }

    /**
     * Sets how long what is queued may take to go out, and our close frame behind it, from when a close begins. A server that
     * reads slowly but steadily is otherwise waited for.
     */
    public ConnectionSettings flushTimeoutNanos(long nanos) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                nanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                compression,
                zlib,
                redirects);
    }

    /** Sets the maximum payload, in bytes, of messages that wait to be sent. Default: no limit. */
    public ConnectionSettings maxBufferedBytes(long bytes) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                bytes,
                fragmentBytes,
                compression,
                zlib,
                redirects);
    }

    /** The payload bytes, before compression, above which a message is cut into fragments. */
    public ConnectionSettings fragmentBytes(int bytes) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                bytes,
                compression,
                zlib,
                redirects);
    }

    public ConnectionSettings compression(Compression wanted) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                wanted,
                zlib,
                redirects);
    }

    /** Where compressors come from. */
    public ConnectionSettings zlib(Zlib other) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                compression,
                other,
                redirects);
    }

    /** Sets what decides about redirects to other origins. Default: none is followed. */
    public ConnectionSettings redirects(RedirectPolicy policy) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                compression,
                zlib,
                policy);
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.Compression;
import dev.holdfast.RedirectPolicy;
import dev.holdfast.internal.CheckReturnValue;
import dev.holdfast.internal.message.Zlib;
import java.util.concurrent.TimeUnit;

/** The settings of connections. Immutable. Times are in nanoseconds. */
@CheckReturnValue
public final class ConnectionSettings {
    static final long NO_LIMIT = Long.MAX_VALUE;
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Small enough that a ping does not wait long behind a fragment; large enough to make a system call worth its cost. */
    private static final int FRAGMENT_BYTES = 64 * 1024;
    /** Long against the pauses of a conversation, short against the time for which most connections are idle. */
    private static final long WRITER_IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    final long connectTimeoutNanos;
    final long closeTimeoutNanos;
    final long flushTimeoutNanos;
    final long maxMessageBytes;
    final long maxBufferedBytes;
    final int fragmentBytes;
    final long writerIdleNanos;
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
            long writerIdleNanos,
            Compression compression,
            Zlib zlib,
            RedirectPolicy redirects) {
        this.connectTimeoutNanos = connectTimeoutNanos;
        this.closeTimeoutNanos = closeTimeoutNanos;
        this.flushTimeoutNanos = flushTimeoutNanos;
        this.maxMessageBytes = maxMessageBytes;
        this.maxBufferedBytes = maxBufferedBytes;
        this.fragmentBytes = fragmentBytes;
        this.writerIdleNanos = writerIdleNanos;
        this.compression = compression;
        this.zlib = zlib;
        this.redirects = redirects;
    }

    /**
     * Returns settings without compression, with fragments of 64 KiB, and 5 seconds for the closing handshake.
     *
     * @param connectTimeoutNanos the time limit from the start to the end of the upgrade
     * @param maxMessageBytes the maximum length of a received message, decompressed
     */
    public static ConnectionSettings of(long connectTimeoutNanos, long maxMessageBytes) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                CLOSE_TIMEOUT_NANOS,
                NO_LIMIT,
                maxMessageBytes,
                NO_LIMIT,
                FRAGMENT_BYTES,
                WRITER_IDLE_NANOS,
                Compression.none(),
                new Zlib(),
                RedirectPolicy.sameOrigin());
    }

    /** Sets the time limit for the server to answer our close frame, from when that was given to the socket. Default: 5 s. */
    public ConnectionSettings closeTimeoutNanos(long nanos) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                nanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                writerIdleNanos,
                compression,
                zlib,
                redirects);
    }

    /**
     * Sets the time limit for what is queued, and our close frame behind it, to go out, from when a close begins. Default: no
     * limit, so that a server which reads slowly gets everything.
     */
    public ConnectionSettings flushTimeoutNanos(long nanos) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                nanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                writerIdleNanos,
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
                writerIdleNanos,
                compression,
                zlib,
                redirects);
    }

    /** Sets the maximum payload of a frame, before compression, in bytes. Longer messages are fragmented. Default: 64 KiB. */
    public ConnectionSettings fragmentBytes(int bytes) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                bytes,
                writerIdleNanos,
                compression,
                zlib,
                redirects);
    }

    /**
     * Sets the time without work after which the writer gives its thread back if it has written a message. Default: 1 s.
     * Otherwise it does so at once.
     */
    public ConnectionSettings writerIdleNanos(long nanos) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                nanos,
                compression,
                zlib,
                redirects);
    }

    /** Sets the compression to offer. Default: none. */
    public ConnectionSettings compression(Compression wanted) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                writerIdleNanos,
                wanted,
                zlib,
                redirects);
    }

    /** Sets the source of compressors. */
    public ConnectionSettings zlib(Zlib other) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                writerIdleNanos,
                compression,
                other,
                redirects);
    }

    /** Sets the policy for redirects to other origins. Default: none is followed. */
    public ConnectionSettings redirects(RedirectPolicy policy) {
        return new ConnectionSettings(
                connectTimeoutNanos,
                closeTimeoutNanos,
                flushTimeoutNanos,
                maxMessageBytes,
                maxBufferedBytes,
                fragmentBytes,
                writerIdleNanos,
                compression,
                zlib,
                policy);
    }

    /** Returns the time limit from the start to the end of the upgrade. */
    public long connectTimeoutNanos() {
        return connectTimeoutNanos;
    }

    /** Returns the time limit for the server to answer our close frame. */
    public long closeTimeoutNanos() {
        return closeTimeoutNanos;
    }

    /** Returns the time limit for what is queued when a close begins; {@link Long#MAX_VALUE} for none. */
    public long flushTimeoutNanos() {
        return flushTimeoutNanos;
    }

    /** Returns the maximum length of a received message. */
    public long maxMessageBytes() {
        return maxMessageBytes;
    }
}

package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A setting for the compression of messages by the permessage-deflate extension (RFC 7692). The client offers the extension
 * to the server. If the server declines, nothing is compressed. Immutable.
 *
 * <p>A connection that compresses holds up to 300 KiB of native memory, from its first compressed message to its end. Do not
 * compress a secret together with data that an attacker chose: the compressed length reveals whether they match (RFC 7692
 * section 8).
 */
@CheckReturnValue
public final class Compression {
    private static final int DEFAULT_THRESHOLD = 1024;
    private static final int MIN_WINDOW_BITS = 8;
    private static final int MAX_WINDOW_BITS = 15;
    private static final Compression NONE = new Compression(false, 0, true, true, MAX_WINDOW_BITS, MAX_WINDOW_BITS);
    private static final Compression DEFLATE =
            new Compression(true, DEFAULT_THRESHOLD, true, true, MAX_WINDOW_BITS, MAX_WINDOW_BITS);

    private final boolean offered;
    private final int thresholdBytes;
    private final boolean clientContextTakeover;
    private final boolean serverContextTakeover;
    private final int clientMaxWindowBits;
    private final int serverMaxWindowBits;

    private Compression(
            boolean offered,
            int thresholdBytes,
            boolean clientContextTakeover,
            boolean serverContextTakeover,
            int clientMaxWindowBits,
            int serverMaxWindowBits) {
        this.offered = offered;
        this.thresholdBytes = thresholdBytes;
        this.clientContextTakeover = clientContextTakeover;
        this.serverContextTakeover = serverContextTakeover;
        this.clientMaxWindowBits = clientMaxWindowBits;
        this.serverMaxWindowBits = serverMaxWindowBits;
    }

    /** {@return no compression: the client offers no extension} */
    public static Compression none() {
        return NONE;
    }

    /** {@return permessage-deflate for messages of 1 KiB and more} */
    public static Compression deflate() {
        return DEFLATE;
    }

    /**
     * {@return compression that sends messages with fewer payload bytes uncompressed} Default: 1,024.
     *
     * @param bytes the smallest payload that is compressed, in bytes; 0 or more
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public Compression withThreshold(int bytes) {
        if (bytes < 0) throw new IllegalArgumentException("threshold must not be negative, but was " + bytes);
        return new Compression(
                offered, bytes, clientContextTakeover, serverContextTakeover, clientMaxWindowBits, serverMaxWindowBits);
    }

    /**
     * {@return compression that compresses each message of the client by itself} It compresses less well, and the
     * server need not keep a window between messages. Default: a message may refer to those before it.
     */
    public Compression withoutClientContextTakeover() {
        return new Compression(
                offered, thresholdBytes, false, serverContextTakeover, clientMaxWindowBits, serverMaxWindowBits);
    }

    /**
     * {@return compression that asks the server to compress each message by itself} A connection whose server does not
     * agree fails. Default: a message may refer to those before it.
     */
    public Compression withoutServerContextTakeover() {
        return new Compression(
                offered, thresholdBytes, clientContextTakeover, false, clientMaxWindowBits, serverMaxWindowBits);
    }

    /**
     * {@return compression whose messages refer back at most 2 to the power of {@code bits} bytes, so that the server
     * needs no larger window} The server may ask for fewer. Below 15, messages compress less well. Default: 15.
     *
     * @param bits the window as a power of two, 8 to 15
     * @throws IllegalArgumentException if {@code bits} is not between 8 and 15
     */
    public Compression withClientMaxWindowBits(int bits) {
        return new Compression(
                offered,
                thresholdBytes,
                clientContextTakeover,
                serverContextTakeover,
                Checks.between("bits", MIN_WINDOW_BITS, MAX_WINDOW_BITS, bits),
                serverMaxWindowBits);
    }

    /**
     * {@return compression that asks the server to refer back at most 2 to the power of {@code bits} bytes} A
     * connection whose server does not agree fails. The client uses the same memory in any case. Default: 15.
     *
     * @param bits the window as a power of two, 8 to 15
     * @throws IllegalArgumentException if {@code bits} is not between 8 and 15
     */
    public Compression withServerMaxWindowBits(int bits) {
        return new Compression(
                offered,
                thresholdBytes,
                clientContextTakeover,
                serverContextTakeover,
                clientMaxWindowBits,
                Checks.between("bits", MIN_WINDOW_BITS, MAX_WINDOW_BITS, bits));
    }

    /** {@return whether the client offers the extension} */
    public boolean isOffered() {
        return offered;
    }

    /** {@return the payload bytes from which on messages are compressed} */
    public int thresholdBytes() {
        return thresholdBytes;
    }

    /** {@return whether the client's messages may refer to those before them} */
    public boolean clientContextTakeover() {
        return clientContextTakeover;
    }

    /** {@return whether the server's messages may refer to those before them} */
    public boolean serverContextTakeover() {
        return serverContextTakeover;
    }

    /** {@return how far back the client's messages may refer, as a power of two} */
    public int clientMaxWindowBits() {
        return clientMaxWindowBits;
    }

    /** {@return how far back the server's messages may refer, as a power of two} */
    public int serverMaxWindowBits() {
        return serverMaxWindowBits;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Compression)) return false;
        Compression that = (Compression) other;
        return offered == that.offered
                && thresholdBytes == that.thresholdBytes
                && clientContextTakeover == that.clientContextTakeover
                && serverContextTakeover == that.serverContextTakeover
                && clientMaxWindowBits == that.clientMaxWindowBits
                && serverMaxWindowBits == that.serverMaxWindowBits;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                offered,
                thresholdBytes,
                clientContextTakeover,
                serverContextTakeover,
                clientMaxWindowBits,
                serverMaxWindowBits);
    }

    @Override
    public String toString() {
        if (!offered) return "Compression(none)";
        return "Compression(thresholdBytes=" + thresholdBytes + ", clientContextTakeover=" + clientContextTakeover
                + ", serverContextTakeover=" + serverContextTakeover + ", clientMaxWindowBits=" + clientMaxWindowBits
                + ", serverMaxWindowBits=" + serverMaxWindowBits + ")";
    }
}

package dev.holdfast;

/**
 * Whether messages are compressed, by the permessage-deflate extension (RFC 7692), and how. It is offered to the server,
 * which may decline: then nothing is compressed. Immutable.
 *
 * <p>A connection that compresses holds up to 300 KiB of native memory, from its first compressed message to its end. A
 * secret and what an attacker chose should not be compressed together (section 8): their length tells.
 */
public final class Compression {
    private static final int DEFAULT_THRESHOLD = 1024;
    private static final int MIN_WINDOW_BITS = 8;
    private static final int MAX_WINDOW_BITS = 15;

    private final boolean offered;
    private final int thresholdBytes;
    private final boolean clientContextTakeover;
    private final boolean serverContextTakeover;
    private final int clientWindowBits;
    private final int serverWindowBits;

    private Compression(
            boolean offered,
            int thresholdBytes,
            boolean clientContextTakeover,
            boolean serverContextTakeover,
            int clientWindowBits,
            int serverWindowBits) {
        this.offered = offered;
        this.thresholdBytes = thresholdBytes;
        this.clientContextTakeover = clientContextTakeover;
        this.serverContextTakeover = serverContextTakeover;
        this.clientWindowBits = clientWindowBits;
        this.serverWindowBits = serverWindowBits;
    }

    /** No extension is offered, and no message is compressed. */
    public static Compression none() {
        return new Compression(false, 0, true, true, MAX_WINDOW_BITS, MAX_WINDOW_BITS);
    }

    /** permessage-deflate is offered; messages of 1 KiB and more are compressed if the server takes it. */
    public static Compression deflate() {
        return new Compression(true, DEFAULT_THRESHOLD, true, true, MAX_WINDOW_BITS, MAX_WINDOW_BITS);
    }

    /**
     * Messages with fewer payload bytes go out as they are.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Compression threshold(int bytes) {
        if (bytes < 0) throw new IllegalArgumentException("compression threshold " + bytes);
        return new Compression(
                offered, bytes, clientContextTakeover, serverContextTakeover, clientWindowBits, serverWindowBits);
    }

    /** Each message of ours is compressed by itself: less well, but the server need remember nothing between two. */
    public Compression withoutClientContextTakeover() {
        return new Compression(
                offered, thresholdBytes, false, serverContextTakeover, clientWindowBits, serverWindowBits);
    }

    /** The server is asked to compress each message by itself. One that won't is refused. */
    public Compression withoutServerContextTakeover() {
        return new Compression(
                offered, thresholdBytes, clientContextTakeover, false, clientWindowBits, serverWindowBits);
    }

    /**
     * How far back our compressed messages refer, so that the server need remember no more: 2 to the power of {@code bits}
     * bytes. 15 unless set; the server may ask for less. Below 15 compression is less good than it could be.
     *
     * @throws IllegalArgumentException if it is not from 8 to 15
     */
    public Compression clientMaxWindowBits(int bits) {
        return new Compression(
                offered,
                thresholdBytes,
                clientContextTakeover,
                serverContextTakeover,
                checkedBits(bits),
                serverWindowBits);
    }

    /**
     * The server is asked to refer no further back in its compressed messages. One that won't is refused. The memory used
     * here stays the same.
     *
     * @throws IllegalArgumentException if it is not from 8 to 15
     */
    public Compression serverMaxWindowBits(int bits) {
        return new Compression(
                offered,
                thresholdBytes,
                clientContextTakeover,
                serverContextTakeover,
                clientWindowBits,
                checkedBits(bits));
    }

    private static int checkedBits(int bits) {
        if (bits < MIN_WINDOW_BITS || bits > MAX_WINDOW_BITS) {
            throw new IllegalArgumentException("window of " + bits + " bits; 8 to 15 there are");
        }
        return bits;
    }

    /** Whether the extension is offered at all. */
    public boolean isOffered() {
        return offered;
    }

    /** The payload bytes from which on messages are compressed. */
    public int thresholdBytes() {
        return thresholdBytes;
    }

    /** Whether our messages may refer to those before them. */
    public boolean clientContextTakeover() {
        return clientContextTakeover;
    }

    /** Whether the server's messages may refer to those before them. */
    public boolean serverContextTakeover() {
        return serverContextTakeover;
    }

    /** How far back our messages may refer, as a power of two. */
    public int clientWindowBits() {
        return clientWindowBits;
    }

    /** How far back the server's messages may refer, as a power of two. */
    public int serverWindowBits() {
        return serverWindowBits;
    }
}

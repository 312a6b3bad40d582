package dev.holdfast.benchmarks.wire;

import java.nio.ByteBuffer;

/** A factory of whole frames, RFC 6455 section 5.2. */
public final class Frames {
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int MAX_HEADER = 14;

    private Frames() {}

    /** Returns a frame as a server sends it. */
    public static byte[] unmasked(int opcode, byte[] payload) {
        return frame(opcode, 0, payload);
    }

    /**
     * Returns a frame as a client sends it, with a key of zeros: ready-made frames measure the socket, not the masking.
     */
    public static byte[] masked(int opcode, byte[] payload) {
        return frame(opcode, MASKED, payload);
    }

    private static byte[] frame(int opcode, int maskBit, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(MAX_HEADER + payload.length);
        frame.put((byte) (FIN | opcode));
        if (payload.length < 126) {
            frame.put((byte) (maskBit | payload.length));
        } else if (payload.length <= 0xffff) {
            frame.put((byte) (maskBit | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (maskBit | 127)).putLong(payload.length);
        }
        if (maskBit != 0) frame.putInt(0);
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}

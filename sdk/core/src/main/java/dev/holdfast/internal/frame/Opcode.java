package dev.holdfast.internal.frame;

/** Frame opcodes (RFC 6455 section 5.2) as numbers. */
public final class Opcode {
    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xa;

    private static final int CONTROL_BIT = 0x8;

    private Opcode() {}

    /** Returns whether an opcode is that of a control frame, which may come between the fragments of a message. */
    public static boolean isControl(int opcode) {
        return (opcode & CONTROL_BIT) != 0;
    }

    static boolean isReserved(int opcode) {
        return (opcode > BINARY && opcode < CLOSE) || opcode > PONG;
    }
}

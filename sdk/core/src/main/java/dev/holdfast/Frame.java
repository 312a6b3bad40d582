package dev.holdfast;

import dev.holdfast.internal.DoNotImplement;
import java.time.Duration;

/** One WebSocket frame (RFC 6455 section 5.2) as it went over a connection. Immutable. Only the SDK implements it. */
@DoNotImplement
public interface Frame {
    /**
     * The kinds of frames (RFC 6455 section 5.2): parts of messages, and control frames. More constants may be added: keep a
     * default branch.
     */
    enum Opcode {
        /** A fragment of a message, but not its first. */
        CONTINUATION(0),
        /** A text message, or its first fragment. */
        TEXT(1),
        /** A binary message, or its first fragment. */
        BINARY(2),
        /** A control frame that begins or answers the closing handshake; it may carry a close code. */
        CLOSE(8),
        /** A control frame that asks the other side for a pong. */
        PING(9),
        /** A control frame that answers a ping. */
        PONG(10);

        private final int code;

        Opcode(int code) {
            this.code = code;
        }

        /** {@return the number on the wire} */
        public int code() {
            return code;
        }

        /**
         * {@return the opcode with a number on the wire}
         *
         * @param code the number, 0 to 15
         * @throws IllegalArgumentException if no opcode has that number, which RFC 6455 reserves
         */
        public static Opcode of(int code) {
            switch (code) {
                case 0:
                    return CONTINUATION;
                case 1:
                    return TEXT;
                case 2:
                    return BINARY;
                case 8:
                    return CLOSE;
                case 9:
                    return PING;
                case 10:
                    return PONG;
                default:
                    throw new IllegalArgumentException("opcode must be 0, 1, 2, 8, 9 or 10, but was " + code);
            }
        }
    }

    /** {@return the number of the connection, as {@link HoldfastEventListener} counts them} */
    long connection();

    /** {@return the time from the opening of the connection to this frame} */
    Duration sinceOpen();

    /** {@return whether the client sent the frame} */
    boolean isOutbound();

    /** {@return the kind of the frame} */
    Opcode opcode();

    /** {@return whether the frame is the last of its message} */
    boolean fin();

    /** {@return whether the frame is the first of a compressed message (RFC 7692 section 6)} */
    boolean rsv1();

    /** {@return whether the payload was masked} A client's always is, a server's never. */
    boolean masked();

    /** {@return the payload's length on the wire in bytes, after compression} */
    long length();

    /** {@return the code of a close frame, 1005 if it has none; 0 for other frames} */
    int closeCode();

    /**
     * {@return the start of the message, decompressed, if this is its first frame and {@link
     * HoldfastEventListener#framePayloadBytes} asks for it: text, or bytes in hexadecimal} It ends with {@code …} if it
     * was cut. For all other frames it is empty.
     *
     * <p>In text the values of JSON members named {@code key}, {@code auth} and {@code sid} are replaced, at any depth,
     * because the first envelopes of a resumable session carry its secrets there. Other secrets in an application's messages
     * are not recognized.
     */
    String payload();
}

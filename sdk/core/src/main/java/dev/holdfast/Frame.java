package dev.holdfast;

import dev.holdfast.internal.DoNotImplement;
import java.time.Duration;

/** One WebSocket frame, RFC 6455 section 5.2, as it went over a connection. Immutable. Only the SDK implements it. */
@DoNotImplement
public interface Frame {
    /** The number of the connection. */
    long connection();

    /** How long the connection was open by then. */
    Duration sinceOpen();

    /** Whether the client sent it. */
    boolean isOutbound();

    /** What it is, section 11.8: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
    int opcode();

    /** Whether it is the last of its message. */
    boolean fin();

    /** Whether it is the first of a compressed message, RFC 7692 section 6. */
    boolean rsv1();

    /** Whether its payload was masked. A client's always is, a server's never. */
    boolean masked();

    /** The payload's bytes on the wire: compressed ones if they were. */
    long length();

    /** The code of a close frame, 1005 where it has none; 0 for other frames. */
    int closeCode();

    /**
     * What the message begins with, decompressed, if this is its first frame and {@link HoldfastEventListener#framePayloadBytes}
     * asks for it: text, or bytes in hexadecimal. Cut short it ends with {@code …}. Empty for all other frames.
     *
     * <p>In text the values of JSON members with the names {@code key}, {@code auth} and {@code sid} are replaced, at any
     * depth; a session's first envelopes hold its secrets there. What else is secret in an application's messages nobody
     * here knows.
     */
    String payload();
}

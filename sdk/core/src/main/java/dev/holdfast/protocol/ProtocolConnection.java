package dev.holdfast.protocol;

import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Protocol} on one connection. What belongs to one connection only is kept here. Called by one thread at a time; an
 * exception ends the connection. Experimental: it may change in any release.
 */
public interface ProtocolConnection {
    /**
     * {@return the client's part of the opening exchange, a single WebSocket message} Not called with {@link Protocol.OpenedBy#NOBODY}.
     *
     * @param credential the value of a {@code Credential.inOpen}; null if there is none, or if it belongs elsewhere. Do not log it
     */
    Outgoing open(@Nullable String credential);

    /**
     * Reads a text message.
     *
     * @param text the message
     * @param events takes what it means
     */
    void onText(String text, ProtocolEvents events);

    /**
     * Reads a binary message. Default: a violation of the protocol, which ends the connection.
     *
     * @param bytes the message
     * @param events takes what it means
     */
    default void onBinary(ByteString bytes, ProtocolEvents events) {
        events.violation("binary message of " + bytes.size() + " bytes");
    }
}

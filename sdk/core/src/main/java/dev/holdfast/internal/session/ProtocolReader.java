package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.util.Collections;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The decoding half of a {@link SessionProtocol}, for one connection. Confined to the connection's reader. */
public interface ProtocolReader {
    /**
     * Reads a text message.
     *
     * @throws ProtocolViolation if it is not UTF-8
     */
    SessionEvent readText(Utf8Text text) throws ProtocolViolation;

    /**
     * Reads a text message with an id that is not in its text. Default: as {@link #readText}, without the id.
     *
     * @param id null if the message has none
     */
    default SessionEvent readEvent(Utf8Text text, @Nullable String id) throws ProtocolViolation {
        return readText(text);
    }

    /**
     * Reads the position from which the next connection is to go on. Default: changes nothing.
     *
     * @param id the id of the last message; null for none
     */
    default SessionEvent readPosition(@Nullable String id) {
        return (machine, connection, now) -> Collections.emptyList();
    }

    SessionEvent readBinary(ByteString bytes);

    /**
     * Reports that its connection is the current one: what is written from now on goes to it. Called on the serial context before
     * anything is written. Default: nothing.
     */
    default void opened() {}
}

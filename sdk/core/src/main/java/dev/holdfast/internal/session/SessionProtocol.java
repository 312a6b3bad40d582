package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.util.List;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * How a session's events look as WebSocket messages. One for each session: reading is safe from any thread, writing is for
 * one at a time.
 *
 * <p>What the server sent and the protocol does not know is read as {@link SessionMachine#onProtocolError}.
 */
public interface SessionProtocol {
    /** Where a written message goes. */
    interface Wire {
        /** Of {@code utf8Length} bytes in UTF-8. */
        void text(String text, long utf8Length);

        void binary(ByteString bytes);
    }

    /** The WebSocket subprotocol that the server must select, null for none. */
    @Nullable
    String subprotocol();

    /** Whether the session outlives its connections. */
    boolean isResumable();

    /**
     * What a text says.
     *
     * @throws ProtocolViolation if it is not UTF-8
     */
    SessionEvent readText(Utf8Text text) throws ProtocolViolation;

    SessionEvent readBinary(ByteString bytes);

    void writeMessage(Outbound message, Wire wire);

    /** Two messages or more, none of them binary, in one. Only where a {@link Welcome} allowed it. */
    void writeBatch(List<Outbound> messages, Wire wire);

    /**
     * Writes the first message of a connection.
     *
     * @throws ApplicationFault if the application has a part in the message, and its code threw
     */
    void writeOpen(Open open, Wire wire);

    void writeAuth(String auth, Wire wire);

    void writeAck(String last, Wire wire);

    void writeBye(Wire wire);
}

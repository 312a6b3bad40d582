package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.util.List;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of a session's events as WebSocket messages. Each session has its own. Any thread may read; one thread
 * at a time may write.
 *
 * <p>Input that the protocol does not know is read as {@link SessionMachine#onProtocolError}.
 */
public interface SessionProtocol {
    /** The destination of written messages. */
    interface Wire {
        /** Writes a text message of {@code utf8Length} bytes in UTF-8. */
        void text(String text, long utf8Length);

        void binary(ByteString bytes);
    }

    /** Returns the WebSocket subprotocol that the server must select, null for none. */
    @Nullable
    String subprotocol();

    /** Returns whether the session outlives its connections. */
    boolean isResumable();

    /**
     * Reads a text message.
     *
     * @throws ProtocolViolation if it is not UTF-8
     */
    SessionEvent readText(Utf8Text text) throws ProtocolViolation;

    SessionEvent readBinary(ByteString bytes);

    void writeMessage(Outbound message, Wire wire);

    /** Writes two or more messages, none of them binary, as one. Allowed only if the {@link Welcome} says so. */
    void writeBatch(List<Outbound> messages, Wire wire);

    /**
     * Writes the first message of a connection.
     *
     * @throws ApplicationFault if the application's code gives a part of the message, and threw
     */
    void writeOpen(Open open, Wire wire);

    void writeAuth(String auth, Wire wire);

    void writeAck(String last, Wire wire);

    void writeBye(Wire wire);
}

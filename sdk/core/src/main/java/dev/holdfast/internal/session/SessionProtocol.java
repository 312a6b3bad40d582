package dev.holdfast.internal.session;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of a session's events as WebSocket messages. Each session has its own. Any thread may read; one thread
 * at a time may write.
 *
 * <p>A protocol also answers what kind of session it has: whether the session has an opening exchange ({@link #opens}) and
 * which side begins it ({@link #serverOpens}), and whether both sides number and acknowledge their messages ({@link
 * #isResumable}). A {@link Packet} says for itself how it is acknowledged, and a {@link
 * Subscription} how it begins on another connection.
 *
 * <p>Input that the protocol does not know is read as {@link SessionMachine#onProtocolError}.
 */
public interface SessionProtocol extends ProtocolReader {
    /** The destination of written messages. */
    interface Wire {
        /** Writes a text message of {@code utf8Length} bytes in UTF-8. */
        void text(String text, long utf8Length);

        /** Writes a text message that is ASCII. */
        default void ascii(String text) {
            text(text, text.length());
        }

        /** Writes a text message whose UTF-8 is the first {@code size} bytes of an array. Keeps no reference to the array. */
        default void text(byte[] utf8, int size) {
            text(new String(utf8, 0, size, StandardCharsets.UTF_8), size);
        }

        void binary(ByteString bytes);
    }

    /** Returns the WebSocket subprotocol that the server must select, null for none. */
    @Nullable
    String subprotocol();

    /** Returns whether the session outlives its connections, because both sides number and acknowledge their messages. */
    boolean isResumable();

    /**
     * Returns whether messages wait for a {@link Welcome} on each connection. Unless the session is resumable, the welcome ends
     * the opening exchange.
     */
    default boolean opens() {
        return isResumable();
    }

    /**
     * Returns whether the server begins the opening exchange: {@link #writeOpen} waits for {@link ProtocolInput#onHello}, the
     * server replays before its welcome.
     */
    default boolean serverOpens() {
        return false;
    }

    /**
     * Returns what goes out for a message that an earlier process has stored and not handed to a connection. What it throws ends the
     * message. Default: the message itself. Safe from any thread.
     *
     * @param original the {@link Payload#original} of the message in that process
     */
    default Payload restored(Payload original) {
        return original;
    }

    /** Returns the reader of a new connection. Default: this protocol, which keeps nothing between messages. */
    default ProtocolReader reader() {
        return this;
    }

    /**
     * Gives the protocol the way in which its own code hands events to the machine, such as {@link ProtocolInput#subscribe}. Called
     * once, before any other method. The consumer is safe from any thread and does not block; the events have no
     * connection. Default: nothing.
     */
    default void attach(Consumer<SessionEvent> machine) {}

    /** Writes a message: as one WebSocket message, or as {@link Payload#parts} of them. */
    void writeMessage(Outbound message, Wire wire);

    /** Writes two or more messages, none of them binary, as one. Allowed only if the {@link Welcome} says so. */
    void writeBatch(List<Outbound> messages, Wire wire);

    /**
     * Writes the first message of a connection, as one WebSocket message.
     *
     * @throws ApplicationFault if the application's code gives a part of the message, and threw
     */
    void writeOpen(Open open, Wire wire);

    void writeAuth(String auth, Wire wire);

    void writeAck(String last, Wire wire);

    /** Returns whether {@link #writeBye} has something to say at the end of a session with an opening exchange. */
    default boolean saysBye() {
        return true;
    }

    void writeBye(Wire wire);
}

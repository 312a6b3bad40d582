package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a {@link Connection}: first {@code onOpen}, unless opening fails; last, and exactly once, {@code
 * onClosed} or {@code onFailed}.
 *
 * <p>Called on the connection's I/O threads, one call after another, except that {@code onWritten} and {@code onPingWritten}
 * may be called at the same time as the others. No call may block.
 */
public interface ConnectionListener {
    /** The server has answered the upgrade, with any status. The response's body is open until this method returns. */
    default void onResponse(Response response) {}

    /** Returns the observer of the frames, null for none. Called after the upgrade and before the first frame. */
    default @Nullable FrameObserver frameObserver() {
        return null;
    }

    /** The upgrade is done. */
    void onOpen(Connection connection);

    /**
     * A text message has come, which may not have been checked: see {@link Utf8Text}.
     *
     * @throws ProtocolViolation if the text is not UTF-8; it ends the connection
     */
    void onText(Utf8Text text) throws ProtocolViolation;

    /**
     * A text message has come with an id that is not in its text. Otherwise as {@link #onText}, which it calls unless overridden.
     *
     * @param id null if the message has none
     */
    default void onEvent(Utf8Text text, @Nullable String id) throws ProtocolViolation {
        onText(text);
    }

    /**
     * The server has named the position from which the next connection is to go on, without a message.
     *
     * @param id the id of the last message; null for none
     */
    default void onPosition(@Nullable String id) {}

    void onBinary(ByteString bytes);

    void onPong(ByteString payload);

    /** A ping has come, or another sign of life that is no message. It was answered, if it asks for an answer. */
    default void onPing() {}

    /**
     * All that has come was reported. The reader calls this before each wait for more, before it reports a close frame, and
     * before it ends.
     */
    default void onWaiting() {}

    /** The next {@code messages} messages, in the order in which they were sent, have been given to the socket. */
    void onWritten(int messages);

    /** A ping has been given to the socket. */
    void onPingWritten();

    /** Another connection would serve better. The session is to move to one without a gap, if it can. */
    default void onMoveWanted() {}

    /**
     * The peer's close frame has come and ours has not been sent (RFC 6455 section 5.5.1). The peer reads nothing that is sent
     * from now on. Our close frame follows when this method returns, behind what is queued by then; {@code onClosed} follows
     * when it has been written. Called within 100 ms of the frame, even if a write is blocked.
     */
    void onClosing(CloseStatus status);

    /**
     * Both close frames have passed, or the peer's has come and ours could not be written. The status is the peer's. The peer
     * may keep the TCP connection for a while.
     */
    void onClosed(CloseStatus status);

    /** The connection could not be opened, or ended without a closing handshake. After a violation of the protocol the peer may keep the TCP connection for a while. */
    void onFailed(TransportException failure);
}

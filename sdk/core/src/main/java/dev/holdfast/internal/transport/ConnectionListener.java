package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a {@link Connection}: first {@code onOpen}, unless opening fails; last, and exactly once, {@code
 * onClosed} or {@code onFailed}. Called on the connection's I/O threads, one call after another but for the two {@code
 * Written} calls, which may come beside the others. None may block.
 */
public interface ConnectionListener {
    /** The server has answered the upgrade, well or not. The response's body is open until this returns. */
    default void onResponse(Response response) {}

    /** Who is told of each frame, null for nobody. Asked when the upgrade is done and no frame has passed. */
    default @Nullable FrameObserver frameObserver() {
        return null;
    }

    /** The upgrade is done. */
    void onOpen(Connection connection);

    /**
     * A text message, which may have to be {@link Utf8Text#check}ed.
     *
     * @throws ProtocolViolation if the text is not UTF-8, which ends the connection
     */
    void onText(Utf8Text text) throws ProtocolViolation;

    void onBinary(ByteString bytes);

    void onPong(ByteString payload);

    /**
     * What has come is told, and the reader is about to wait for more, to tell of a close frame, or to end. Called again and
     * again, and for sure before it does.
     */
    default void onWaiting() {}

    /** So many more messages, in the order they were sent, have been given to the socket whole. */
    void onWritten(int messages);

    /** A ping has been given to the socket. */
    void onPingWritten();

    /**
     * The peer's close frame has come and ours has not gone out, RFC 6455 section 5.5.1. Nothing that is sent now will be
     * read. Our close frame follows when this returns, behind what is queued by then; {@code onClosed} follows when that is
     * written, which may take the server a while. Called within 100 ms of the frame, even if a write is blocked.
     */
    void onClosing(CloseStatus status);

    /**
     * Both close frames have passed, or the peer's has and ours could not be written. The status is the peer's. The peer may
     * keep the TCP connection a while longer.
     */
    void onClosed(CloseStatus status);

    /** The connection ended in any other way. After a violation of the protocol the peer may keep the TCP connection. */
    void onFailed(TransportException failure);
}

package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import okio.ByteString;

/**
 * What becomes of a {@link Connection}: first {@code onOpen}, unless opening fails; last, and exactly once, {@code
 * onClosed} or {@code onFailed}. Called on the connection's I/O threads: the reader's calls come one after another, the
 * two {@code Written} calls may come beside them. None may block.
 */
public interface ConnectionListener {
    /** The upgrade is done. */
    void onOpen(Connection connection);

    void onText(String text);

    void onBinary(ByteString bytes);

    void onPong(ByteString payload);

    /** So many more messages, in the order they were sent, have been given to the socket whole. */
    void onWritten(int messages);

    /** A ping has been given to the socket. */
    void onPingWritten();

    /** The peer's close frame has come; what is left of the closing handshake goes on by itself. The status is the peer's. */
    void onClosed(CloseStatus status);

    /** The connection ended in any other way. */
    void onFailed(TransportException failure);
}

package dev.holdfast.websocket;

import dev.holdfast.internal.DoNotImplement;
import java.io.IOException;
import okhttp3.WebSocket;
import okio.Source;

/**
 * A {@link WebSocket} that also sends messages which are not in memory. Safe from any thread. Only the SDK implements it.
 */
@DoNotImplement
public interface HoldfastWebSocket extends WebSocket {
    /**
     * Sends a text message of unknown length, as fragments (RFC 6455 section 5.4), behind what is queued already.
     *
     * <p>Blocks until the last of it has been taken over, a few fragments ahead of the socket: not for a main thread, nor
     * for the listener's. Leaves {@code utf8} open.
     *
     * <p>The close frame of {@link #close} goes out behind the message, so a source that never ends keeps the web socket
     * open until {@link #cancel}.
     *
     * @throws java.nio.charset.CharacterCodingException if it isn't UTF-8
     * @throws IOException if the source fails, the thread is interrupted, or the web socket is closing or has ended. If
     *     some of the message has gone out by then, the web socket is closed with code 1011: nothing else could follow
     */
    void sendText(Source utf8) throws IOException;

    /** Sends a binary message of unknown length. Otherwise as {@link #sendText}. */
    void sendBinary(Source bytes) throws IOException;
}

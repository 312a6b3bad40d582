package dev.holdfast.websocket;

import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/**
 * A listener that receives messages piece by piece as they come in, so that a message of any size needs little memory. Its
 * {@code onMessage} methods are not called.
 *
 * <p>Calls come one after another, on the I/O thread that reads. A call that blocks holds the server back.
 */
public abstract class StreamingWebSocketListener extends WebSocketListener {
    /**
     * Receives the next piece of the current text message. Default: does nothing.
     *
     * @param webSocket the web socket that receives the message
     * @param piece the text; it never ends inside a code point
     * @param last whether the message ends with this piece; the piece may then be empty
     */
    public void onTextPiece(WebSocket webSocket, String piece, boolean last) {}

    /**
     * Receives the next piece of the current binary message. Default: does nothing.
     *
     * @param webSocket the web socket that receives the message
     * @param piece the bytes, which are not empty unless this is the last piece
     * @param last whether the message ends with this piece; the piece may then be empty
     */
    public void onBinaryPiece(WebSocket webSocket, ByteString piece, boolean last) {}
}

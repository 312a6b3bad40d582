package dev.holdfast.websocket;

import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/**
 * A listener that takes messages piece by piece as they come in, so that none is kept whole, however large. Its {@code
 * onMessage} methods are not called. Calls come one after another, on the thread that reads: one that takes its time
 * holds the server back.
 */
public abstract class StreamingWebSocketListener extends WebSocketListener {
    /**
     * What follows in the text message at hand.
     *
     * @param piece never ends inside a code point
     * @param last whether the message ends with it; such a piece may be empty
     */
    public void onTextPiece(WebSocket webSocket, String piece, boolean last) {}

    /**
     * What follows in the binary message at hand.
     *
     * @param last whether the message ends with it; such a piece may be empty
     */
    public void onBinaryPiece(WebSocket webSocket, ByteString piece, boolean last) {}
}

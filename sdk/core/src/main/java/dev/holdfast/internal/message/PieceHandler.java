package dev.holdfast.internal.message;

import okio.ByteString;

/** Receives messages piece by piece as they come in, so that none is kept whole. Called on the reader's thread. */
public interface PieceHandler {
    /**
     * Receives the next piece of the current text message. A piece never ends inside a code point.
     *
     * @param last whether the message ends with this piece; the piece may then be empty
     */
    void onTextPiece(String piece, boolean last);

    /** Receives the next piece of the current binary message, as {@link #onTextPiece}. */
    void onBinaryPiece(ByteString piece, boolean last);
}

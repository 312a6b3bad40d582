package dev.holdfast.internal.message;

import okio.ByteString;

/** Takes messages piece by piece as they come in, so that none need be kept whole. Called on the thread that reads. */
public interface PieceHandler {
    /**
     * What follows in the text message at hand. A piece never ends inside a code point.
     *
     * @param last whether the message ends with it; such a piece may be empty
     */
    void onTextPiece(String piece, boolean last);

    /** As {@link #onTextPiece}, in a binary message. */
    void onBinaryPiece(ByteString piece, boolean last);
}

package dev.holdfast.internal.transport;

import okio.Buffer;

/** A message whose pieces come one by one while it is being written. Guarded by the lock of {@link OutgoingQueue}. */
final class OutgoingStream {
    final boolean isText;
    /** The pieces that the writer has not taken. */
    final Buffer pending = new Buffer();
    /** Whether the writer has begun the message, so that it can't be taken back. */
    boolean begun;
    /** Whether all pieces have come. */
    boolean ended;
    /** Whether the rest of the pieces will never come. */
    boolean broken;

    OutgoingStream(boolean isText) {
        this.isText = isText;
    }
}

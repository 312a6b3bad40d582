package dev.holdfast.internal.transport;

import okio.Buffer;

/** A message whose pieces come one by one while it is being written. The writer's lock guards it. */
final class OutgoingStream {
    final boolean isText;
    /** What has come and was not taken by the writer. */
    final Buffer pending = new Buffer();
    /** Whether the writer has reached it, so that it can't be taken back. */
    boolean begun;
    /** Whether nothing more will come. */
    boolean ended;
    /** Whether its end will never come. */
    boolean broken;

    OutgoingStream(boolean isText) {
        this.isText = isText;
    }
}

package dev.holdfast.server;

/** A whole WebSocket message in either direction. */
sealed interface Frame {
    /** Returns the approximate size in bytes. */
    int size();

    /** A text message. */
    record Text(String text) implements Frame {
        @Override
        public int size() {
            return text.length();
        }
    }

    /** A binary message. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes) implements Frame {
        @Override
        public int size() {
            return bytes.length;
        }
    }
}

package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.wire.FrameInput;
import java.io.IOException;

/** The server's behaviour on one connection. */
interface Endpoint {
    /** Handles a message, whose last frame is the current one. Returns false if the connection must be cut. */
    boolean onMessage(FrameInput frame) throws IOException;

    /** Called when the next message has not arrived yet. */
    default void onDrained() throws IOException {}
}

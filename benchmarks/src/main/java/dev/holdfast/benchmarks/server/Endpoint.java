package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.wire.FrameInput;
import java.io.IOException;

/** What the server does on one connection. */
interface Endpoint {
    /** A message has come, whose last frame is at hand. Returns false where the connection is to be cut. */
    boolean onMessage(FrameInput frame) throws IOException;

    /** The next message must be waited for. */
    default void onDrained() throws IOException {}
}

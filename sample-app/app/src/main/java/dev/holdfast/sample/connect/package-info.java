/** A client for any WebSocket server, at a terminal. */
@NullMarked
package dev.holdfast.sample.connect;

import org.jspecify.annotations.NullMarked;

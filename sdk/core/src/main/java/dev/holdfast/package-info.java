/** A WebSocket client whose sessions outlive their connections. */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;

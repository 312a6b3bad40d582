/**
 * A suite that checks whether a server keeps the rules of {@code docs/protocol.md}. It talks over WebSocket frames of its
 * own and shares no code with the client or the reference server.
 */
@NullMarked
package dev.holdfast.conformance;

import org.jspecify.annotations.NullMarked;

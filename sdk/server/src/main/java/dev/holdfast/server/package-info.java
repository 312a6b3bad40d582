/**
 * A server of {@code resume.v1.json} to embed: {@link dev.holdfast.server.HoldfastServer} has the sessions, and an adapter
 * of the container at hand connects it to the network.
 *
 * <p>Every session has a <em>lane</em>, a serial executor. Resuming, handling, acknowledging and the loss of a
 * connection all run there, one after another. None of them therefore needs a lock against the others, and the
 * application's handler may block. Outgoing messages go through the connection's {@code Outbox}.
 */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;

/**
 * The reference server: one end of the {@code resume.v1.json} subprotocol on Jetty, small enough to serve as an example
 * for adding the protocol to another server.
 *
 * <p>Every session has a <em>lane</em>, a serial executor. Resuming, handling, acknowledging and the loss of a
 * connection all run there, one after another. None of them therefore needs a lock against the others, and the
 * application's handler may block. Outgoing messages go through the connection's
 * {@link dev.holdfast.sample.server.Outbox}.
 */
@NullMarked
package dev.holdfast.sample.server;

import org.jspecify.annotations.NullMarked;

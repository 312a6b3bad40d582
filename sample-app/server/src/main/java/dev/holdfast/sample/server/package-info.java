/**
 * The reference server: one end of the {@code resume.v1.json} subprotocol on Jetty, small enough to be read as an example
 * by whoever adds the protocol to a server of their own.
 *
 * <p>Every session has a <em>lane</em>, a serial executor. Resuming, handling, acknowledging and the loss of a connection
 * all happen there, one after another, so that none of them needs a lock against the others and the application's handler
 * may take its time. What leaves goes through the connection's {@link dev.holdfast.sample.server.Outbox}.
 */
@NullMarked
package dev.holdfast.sample.server;

import org.jspecify.annotations.NullMarked;

/**
 * The reference server: {@link dev.holdfast.server.HoldfastServer} on Jetty, small enough to serve as an example for an
 * adapter of another server.
 */
@NullMarked
package dev.holdfast.sample.server;

import org.jspecify.annotations.NullMarked;

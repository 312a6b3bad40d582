/** The parts of HTTP/1.1 and RFC 6455 that a cheap server and the raw reference need. */
@NullMarked
package dev.holdfast.benchmarks.wire;

import org.jspecify.annotations.NullMarked;

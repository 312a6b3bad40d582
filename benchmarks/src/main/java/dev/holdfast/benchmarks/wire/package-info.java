/** Just enough of HTTP/1.1 and RFC 6455 for a cheap server and the raw reference. */
@NullMarked
package dev.holdfast.benchmarks.wire;

import org.jspecify.annotations.NullMarked;

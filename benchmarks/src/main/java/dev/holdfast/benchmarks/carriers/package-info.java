/** The same session over a WebSocket and over plain HTTP. */
@NullMarked
package dev.holdfast.benchmarks.carriers;

import org.jspecify.annotations.NullMarked;

/** Many idle sessions in one JVM, on virtual threads. */
@NullMarked
package dev.holdfast.benchmarks.scale;

import org.jspecify.annotations.NullMarked;

/** JMH benchmarks of single components. */
@NullMarked
package dev.holdfast.benchmarks.parts;

import org.jspecify.annotations.NullMarked;

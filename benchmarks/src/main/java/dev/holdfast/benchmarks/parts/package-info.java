/** JMH benchmarks of the parts. */
@NullMarked
package dev.holdfast.benchmarks.parts;

import org.jspecify.annotations.NullMarked;

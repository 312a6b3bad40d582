/** From the start of a program to its first message. */
@NullMarked
package dev.holdfast.benchmarks.start;

import org.jspecify.annotations.NullMarked;

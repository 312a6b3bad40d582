/** The cost of sends that survive the process. */
@NullMarked
package dev.holdfast.benchmarks.store;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.holdfast.benchmarks.start;

import org.jspecify.annotations.NullMarked;

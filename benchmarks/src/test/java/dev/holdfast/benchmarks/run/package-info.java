@NullMarked
package dev.holdfast.benchmarks.run;

import org.jspecify.annotations.NullMarked;

/** What is measured, how, and how it is told. */
@NullMarked
package dev.holdfast.benchmarks.run;

import org.jspecify.annotations.NullMarked;

/** The measured cases, how they are run, and the report. */
@NullMarked
package dev.holdfast.benchmarks.run;

import org.jspecify.annotations.NullMarked;

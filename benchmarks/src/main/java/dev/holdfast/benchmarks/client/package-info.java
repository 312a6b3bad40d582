/** The clients under test, each behind the same small interface. */
@NullMarked
package dev.holdfast.benchmarks.client;

import org.jspecify.annotations.NullMarked;

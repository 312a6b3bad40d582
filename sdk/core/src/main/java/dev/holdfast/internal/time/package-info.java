/** Clocks and timers, as interfaces. */
@NullMarked
package dev.holdfast.internal.time;

import org.jspecify.annotations.NullMarked;

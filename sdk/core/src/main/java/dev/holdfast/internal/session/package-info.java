/** The pure session machine: (state, event, now) to effects. No I/O, no threads, no clock of its own. */
@NullMarked
package dev.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;

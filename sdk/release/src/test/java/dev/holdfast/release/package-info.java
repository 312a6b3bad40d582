/** Checks of a deployed release. */
@NullMarked
package dev.holdfast.release;

import org.jspecify.annotations.NullMarked;

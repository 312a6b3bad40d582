/** The application's settings, in the units in which the SDK computes. */
@NullMarked
package dev.holdfast.internal.settings;

import org.jspecify.annotations.NullMarked;

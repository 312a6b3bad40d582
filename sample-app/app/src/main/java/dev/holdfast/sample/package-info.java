/** The entry point of the sample app. */
@NullMarked
package dev.holdfast.sample;

import org.jspecify.annotations.NullMarked;

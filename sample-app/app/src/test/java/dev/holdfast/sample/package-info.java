/** Tests of {@code holdfast.jar}, as processes of their own. */
@NullMarked
package dev.holdfast.sample;

import org.jspecify.annotations.NullMarked;

/** Tests of the model behind the window. */
@NullMarked
package dev.holdfast.sample.model;

import org.jspecify.annotations.NullMarked;

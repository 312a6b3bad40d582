/** Tests of the client at a terminal. */
@NullMarked
package dev.holdfast.sample.connect;

import org.jspecify.annotations.NullMarked;

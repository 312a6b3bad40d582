/** Where the SDK reads time and asks to be woken. */
@NullMarked
package dev.holdfast.internal.time;

import org.jspecify.annotations.NullMarked;

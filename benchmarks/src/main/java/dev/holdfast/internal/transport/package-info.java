/** A JMH benchmark of what this package shows nobody else. */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;

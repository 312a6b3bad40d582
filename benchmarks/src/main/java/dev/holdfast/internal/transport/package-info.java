/** A JMH benchmark of this package's internal classes. */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;

/** The driver: feeds events to the session machine in order and performs its effects. */
@NullMarked
package dev.holdfast.internal.runtime;

import org.jspecify.annotations.NullMarked;

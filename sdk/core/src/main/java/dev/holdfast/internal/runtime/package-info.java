/** The driver: applies events to the session machine in order, performs its effects, and calls the application. */
@NullMarked
package dev.holdfast.internal.runtime;

import org.jspecify.annotations.NullMarked;

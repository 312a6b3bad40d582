/** Tasks, executors and futures for code that runs on threads of the SDK or of the application. */
@NullMarked
package dev.holdfast.internal.concurrent;

import org.jspecify.annotations.NullMarked;

/** Annotations that the build checks, for every package of the SDK. */
@NullMarked
package dev.holdfast.internal;

import org.jspecify.annotations.NullMarked;

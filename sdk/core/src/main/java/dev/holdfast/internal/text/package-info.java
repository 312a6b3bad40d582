/** Makes text from outside safe to show. */
@NullMarked
package dev.holdfast.internal.text;

import org.jspecify.annotations.NullMarked;

/** The sessions of {@code resume.v1.json} over plain HTTP, where no WebSocket opens. */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;

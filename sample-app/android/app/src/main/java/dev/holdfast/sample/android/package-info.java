/** A chat with one server: what an Android application does with Holdfast. */
@NullMarked
package dev.holdfast.sample.android;

import org.jspecify.annotations.NullMarked;

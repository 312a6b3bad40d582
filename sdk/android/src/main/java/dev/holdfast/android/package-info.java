/** Holdfast's integration with Android: the network, the lifecycle, the clock, the main thread and Logcat. */
@NullMarked
package dev.holdfast.android;

import org.jspecify.annotations.NullMarked;

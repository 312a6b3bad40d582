/** The window, driven by a robot on a screen in memory. */
@NullMarked
package dev.holdfast.sample.ui;

import org.jspecify.annotations.NullMarked;

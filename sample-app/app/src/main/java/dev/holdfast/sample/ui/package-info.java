/** The window. No code here blocks its thread. */
@NullMarked
package dev.holdfast.sample.ui;

import org.jspecify.annotations.NullMarked;

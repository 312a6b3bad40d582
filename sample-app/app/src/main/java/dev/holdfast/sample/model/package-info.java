/**
 * The model behind the window: a conversation through the SDK's public API, the embedded server, and the faults in
 * between.
 */
@NullMarked
package dev.holdfast.sample.model;

import org.jspecify.annotations.NullMarked;

/** What the window shows: a conversation through the SDK's public API, the embedded server, and the faults between. */
@NullMarked
package dev.holdfast.sample.model;

import org.jspecify.annotations.NullMarked;

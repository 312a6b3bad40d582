/** The reference server as a process of its own, and what stands before and behind it: nginx and Redis. */
@NullMarked
package dev.holdfast.sample.node;

import org.jspecify.annotations.NullMarked;

/** The reference server in its own process, and the programs in front of it and behind it: nginx and Redis. */
@NullMarked
package dev.holdfast.sample.node;

import org.jspecify.annotations.NullMarked;

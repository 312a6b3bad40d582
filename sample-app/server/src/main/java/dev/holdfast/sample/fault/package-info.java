/** A TCP proxy that breaks connections on demand, in the ways in which networks do. */
@NullMarked
package dev.holdfast.sample.fault;

import org.jspecify.annotations.NullMarked;

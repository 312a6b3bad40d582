/** The cost of an event in the protocols of other servers. */
@NullMarked
package dev.holdfast.benchmarks.protocols;

import org.jspecify.annotations.NullMarked;

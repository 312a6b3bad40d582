/**
 * Tests of applications without a network and without waiting: virtual time, servers in memory whose script a test writes, a
 * listener that records, and a TCP proxy that breaks connections on demand.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;

/** Scenarios with a client, a server and a faulty network, and the count of their outcome. */
@NullMarked
package dev.holdfast.sample.demo;

import org.jspecify.annotations.NullMarked;

/** Scenarios in which a client, a server and a faulty network meet, and the count of what came of it. */
@NullMarked
package dev.holdfast.sample.demo;

import org.jspecify.annotations.NullMarked;

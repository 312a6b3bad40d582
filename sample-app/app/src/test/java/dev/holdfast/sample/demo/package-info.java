/** Tests of the scenarios, and of the SDK against the reference server. */
@NullMarked
package dev.holdfast.sample.demo;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.holdfast.sample.fault;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.holdfast.sample.server;

import org.jspecify.annotations.NullMarked;

/** Tests of servers in processes of their own. */
@NullMarked
package dev.holdfast.sample.node;

import org.jspecify.annotations.NullMarked;

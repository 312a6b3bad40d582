/** Support for the consumer builds: servers to talk to, a local repository, and a report. */
@NullMarked
package dev.holdfast.it;

import org.jspecify.annotations.NullMarked;

/** What the build needs to run the consumers: servers to talk to, a local repository, and a report. */
@NullMarked
package dev.holdfast.it;

import org.jspecify.annotations.NullMarked;

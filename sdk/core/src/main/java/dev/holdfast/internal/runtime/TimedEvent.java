package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Effect;
import java.util.List;

/** An event for the session machine. Applied on the serial context at a time in elapsed nanoseconds. */
@FunctionalInterface
interface TimedEvent {
    List<Effect> apply(long now);
}

package dev.holdfast.internal.session;

import java.util.List;

/** An event for the machine, read from a message of the server. */
@FunctionalInterface
public interface SessionEvent {
    List<Effect> apply(SessionMachine machine, long connection, long now);
}

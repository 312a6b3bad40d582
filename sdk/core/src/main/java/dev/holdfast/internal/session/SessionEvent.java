package dev.holdfast.internal.session;

import java.util.List;

/** What a message from the server means to the machine. */
@FunctionalInterface
public interface SessionEvent {
    List<Effect> apply(SessionMachine machine, long connection, long now);
}

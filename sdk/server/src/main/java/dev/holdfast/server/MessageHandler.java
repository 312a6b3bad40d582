package dev.holdfast.server;

import org.jspecify.annotations.Nullable;

/**
 * The application's part of a server, called once for every message of a session, one at a time and in order. A message
 * is handled when the call returns. If the call throws, the message is not handled: the connection is closed with 1011,
 * and the client sends the message again on its next connection.
 *
 * <p>If several servers share the sessions, a server that stands still may be handling a message while the client moves to
 * another server, which is given the same message. The session records only one of the two results. A handler with effects
 * outside of the session must therefore apply a message only if its seq is greater than the one that it has stored for the
 * session, and must store the seq with the effect in one transaction. It must do the same if a message may not take effect
 * twice after a crash.
 */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Handles a message. May block, and may call {@link ServerSession#send}.
     *
     * @param session the session of the client
     * @param seq the number of the message in its session, from 1 on without gaps
     * @param payload the message
     * @return the outcome
     */
    HandlerResult handle(ServerSession session, long seq, Payload payload);

    /**
     * Handles a message that may carry the application's own idempotency key. Unlike {@code seq}, the key keeps its
     * meaning in the session that follows a lost one. Servers call this method.
     *
     * @param session the session of the client
     * @param seq the number of the message in its session
     * @param payload the message
     * @param idempotencyKey the key; null if the message has none
     * @return the outcome
     */
    default HandlerResult handle(ServerSession session, long seq, Payload payload, @Nullable String idempotencyKey) {
        return handle(session, seq, payload);
    }
}

package dev.holdfast;

import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionProtocol;

/** What outlives a connection. Immutable. */
public final class Session {
    private final SessionProtocol protocol;

    private Session(SessionProtocol protocol) {
        this.protocol = protocol;
    }

    /**
     * The {@code resume.v1.json} subprotocol ({@code docs/resume-protocol.md}): both sides number, acknowledge and replay
     * their messages, so that each is handled once and in order for as long as the session lives, and the client is told
     * when it does not. The server must speak it.
     *
     * <p>A message from the server is acknowledged when {@link HoldfastListener#onMessage} has returned.
     */
    public static Session resumable() {
        return new Session(new ResumeProtocol());
    }

    /**
     * No session, for any WebSocket server: the client reconnects, and what the server sent meanwhile is gone. What was
     * under way when a connection was lost ends as {@link Outcome.Kind#UNKNOWN}; it is not sent again, lest it arrive
     * twice. Order is kept on each connection; a server may still be reading the old one when the new one speaks.
     *
     * <p>A subprotocol is offered by the request's own {@code Sec-WebSocket-Protocol} header.
     */
    public static Session none() {
        return new Session(new PlainProtocol());
    }

    SessionProtocol protocol() {
        return protocol;
    }
}

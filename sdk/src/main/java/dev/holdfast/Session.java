package dev.holdfast;

import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionProtocol;

/** What outlives a connection. Immutable. */
public final class Session {
    private final SessionProtocol protocol;
    private final boolean manualAcks;

    private Session(SessionProtocol protocol, boolean manualAcks) {
        this.protocol = protocol;
        this.manualAcks = manualAcks;
    }

    /**
     * The {@code resume.v1.json} subprotocol ({@code docs/resume-protocol.md}): both sides number, acknowledge and replay
     * their messages, so that each is handled once and in order for as long as the session lives, and the client is told
     * when it does not. The server must speak it.
     *
     * <p>A message from the server is acknowledged when {@link HoldfastListener#onMessage} has returned, unless {@link
     * #manualAcks} is set.
     */
    public static Session resumable() {
        return new Session(new ResumeProtocol(), false);
    }

    /**
     * No session, for any WebSocket server: the client reconnects, and what the server sent meanwhile is gone. What was
     * under way when a connection was lost ends as {@link Outcome.Kind#UNKNOWN}; it is not sent again, lest it arrive
     * twice. Order is kept on each connection; a server may still be reading the old one when the new one speaks.
     *
     * <p>A subprotocol is offered by the request's own {@code Sec-WebSocket-Protocol} header.
     */
    public static Session none() {
        return new Session(new PlainProtocol(), false);
    }

    /**
     * The application says when it is done with a message, by {@link Message#ack}: after it has saved it, say. A message
     * that is not acknowledged weighs on {@link HoldfastClient.Builder#inboundLimitBytes}, so an application that forgets
     * to do so is sent no more after a while.
     *
     * @throws IllegalStateException if the session acknowledges nothing
     */
    public Session manualAcks() {
        if (!protocol.isResumable()) throw new IllegalStateException("a session without acknowledgements");
        return new Session(protocol, true);
    }

    boolean hasManualAcks() {
        return manualAcks;
    }

    SessionProtocol protocol() {
        return protocol;
    }
}

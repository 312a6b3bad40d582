package dev.holdfast;

import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.Request;

/** What outlives a connection. Immutable. */
public final class Session {
    private final Function<Payloads, SessionProtocol> protocol;
    private final Consumer<SessionSettings> settings;
    private final BiFunction<Request, String, Request> handshake;
    private final boolean resumable;
    private final boolean manualAcks;

    /**
     * A session without acknowledgements, in its parts.
     *
     * @param protocol the protocol, given what writes the application's objects
     * @param settings what the session has to say about the machine
     * @param handshake an attempt's request to the same with the last message's id
     */
    Session(
            Function<Payloads, SessionProtocol> protocol,
            Consumer<SessionSettings> settings,
            BiFunction<Request, String, Request> handshake) {
        this(protocol, settings, handshake, false, false);
    }

    private Session(
            Function<Payloads, SessionProtocol> protocol,
            Consumer<SessionSettings> settings,
            BiFunction<Request, String, Request> handshake,
            boolean resumable,
            boolean manualAcks) {
        this.protocol = protocol;
        this.settings = settings;
        this.handshake = handshake;
        this.resumable = resumable;
        this.manualAcks = manualAcks;
    }

    private static Session of(Supplier<SessionProtocol> protocol, boolean resumable) {
        return new Session(payloads -> protocol.get(), unchanged -> {}, (request, last) -> request, resumable, false);
    }

    /**
     * The {@code resume.v1.json} subprotocol ({@code docs/protocol.md}): both sides number, acknowledge and replay
     * their messages, so that each is handled once and in order for as long as the session lives, and the client is told
     * when it does not. The server must speak it.
     *
     * <p>A message from the server is acknowledged when {@link HoldfastListener#onMessage} has returned, unless {@link
     * #manualAcks} is set.
     */
    public static Session resumable() {
        return of(ResumeProtocol::new, true);
    }

    /**
     * No session, for any WebSocket server: the client reconnects, and what the server sent meanwhile is gone. What was
     * under way when a connection was lost ends as {@link Outcome.Kind#UNKNOWN}; it is not sent again, lest it arrive
     * twice. Order is kept on each connection; a server may still be reading the old one when the new one speaks.
     *
     * <p>A subprotocol is offered by the request's own {@code Sec-WebSocket-Protocol} header.
     */
    public static Session none() {
        return of(PlainProtocol::new, false);
    }

    /**
     * The application says when it is done with a message, by {@link Message#ack}: after it has saved it, say. A message
     * that is not acknowledged weighs on {@link HoldfastClientBuilder#inboundLimitBytes}, so an application that forgets
     * to do so is sent no more after a while.
     *
     * @throws IllegalStateException if the session acknowledges nothing
     */
    public Session manualAcks() {
        if (!resumable) throw new IllegalStateException("a session without acknowledgements");
        return new Session(protocol, settings, handshake, true, true);
    }

    boolean isResumable() {
        return resumable;
    }

    boolean hasManualAcks() {
        return manualAcks;
    }

    /**
     * For a server that has a history of its messages and can't be changed: the client remembers the id of the last
     * message, tells it when it connects again, and drops what comes twice. {@link LastMessageId} says how, and what that
     * can't promise.
     *
     * @param pointer where a text message of the server's has its id, a JSON pointer (RFC 6901): {@code /id}
     * @throws IllegalArgumentException if it is no JSON pointer
     */
    public static LastMessageId lastMessageId(String pointer) {
        return new LastMessageId(pointer);
    }

    SessionProtocol protocol(Payloads payloads) {
        return protocol.apply(payloads);
    }

    void apply(SessionSettings to) {
        settings.accept(to);
    }

    Request handshake(Request request, String last) {
        return handshake.apply(request, last);
    }
}

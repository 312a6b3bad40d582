package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import dev.holdfast.internal.protocol.AdaptedProtocol;
import dev.holdfast.internal.resume.LastIdProtocol;
import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.transport.Position;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A setting of a client: the kind of session that it has with the server, and so what survives the loss of a connection. It is
 * set by {@link HoldfastClientBuilder#session}.
 *
 * <table border="1">
 *   <caption>The kinds of session</caption>
 *   <tr><th></th><th>{@link #none}</th><th>{@link #resumeFrom}</th><th>{@link #resumable}</th></tr>
 *   <tr><td>Server</td><td>any</td><td>any with a history of its messages</td><td>speaks {@code resume.v1.json}</td></tr>
 *   <tr><td>Messages received while disconnected</td><td>lost</td><td>replayed by the server, within limits</td>
 *     <td>replayed, or the loss is reported</td></tr>
 *   <tr><td>Messages in flight when a connection is lost</td><td>{@link Outcome.Kind#UNKNOWN}</td>
 *     <td>{@link Outcome.Kind#UNKNOWN}</td><td>sent again, handled once</td></tr>
 * </table>
 *
 * Immutable.
 */
@CheckReturnValue
public final class Session {
    private static final Session NONE =
            new Session(Kind.NONE, false, UnknownOutcomes.REPORT, null, payloads -> new PlainProtocol());

    private enum Kind {
        NONE,
        RESUMABLE,
        /** Of a protocol that is not in this artifact. */
        SPEAKING
    }

    private final Kind kind;
    private final boolean resumable;
    private final boolean manualAcks;
    private final UnknownOutcomes unknownOutcomes;
    private final @Nullable ResumeFrom resumeFrom;
    /** Names the protocol's class, and so Jackson, in the methods that need it alone: a shrinker removes the others. */
    private final Function<Payloads, SessionProtocol> protocol;

    private Session(
            Kind kind,
            boolean manualAcks,
            UnknownOutcomes unknownOutcomes,
            @Nullable ResumeFrom resumeFrom,
            Function<Payloads, SessionProtocol> protocol) {
        this.protocol = protocol;
        this.kind = kind;
        this.resumable = kind == Kind.RESUMABLE;
        this.manualAcks = manualAcks;
        this.unknownOutcomes = unknownOutcomes;
        this.resumeFrom = resumeFrom;
    }

    /**
     * {@return the setting for no session, which works with any WebSocket server} The client reconnects, and what the
     * server sent meanwhile is lost. A message in flight when a connection is lost ends as {@link
     * Outcome.Kind#UNKNOWN}. It is not sent again, because it could arrive twice. Order is kept within a connection; a
     * server may still be reading the old connection when the new one opens.
     *
     * <p>To offer a subprotocol, set the request's {@code Sec-WebSocket-Protocol} header.
     */
    public static Session none() {
        return NONE;
    }

    /**
     * {@return the setting for a session of the {@code resume.v1.json} subprotocol ({@code docs/protocol.md}), which
     * the server must speak} Both sides number, acknowledge and replay their messages. Each is handled once and in
     * order for as long as the session lives. If the session is lost, {@link HoldfastListener#onSessionLost} reports
     * it.
     *
     * <p>The server acknowledges the client's messages, which ends their {@link Delivery}. The client acknowledges the server's
     * messages when {@link HoldfastListener#onMessage} has returned, unless {@link #withManualAcks} is set.
     *
     * <p>It needs {@code com.fasterxml.jackson.core:jackson-core}, 2.12 or later, on the class path.
     */
    public static Session resumable() {
        return new Session(
                Kind.RESUMABLE, false, UnknownOutcomes.REPORT, null, payloads -> new ResumeProtocol(Handshakes::isUrl));
    }

    /**
     * {@return the setting for a server that has a history of its messages and cannot be changed} The client remembers
     * the id of the last message, sends it when it connects again, and drops duplicates. {@link ResumeFrom} describes
     * how, and what this cannot guarantee. With a JSON pointer it needs {@code com.fasterxml.jackson.core:jackson-core}, as
     * {@link #resumable} does.
     *
     * @param resumeFrom where the id stands in messages and in the handshake
     */
    public static Session resumeFrom(ResumeFrom resumeFrom) {
        Objects.requireNonNull(resumeFrom, "resumeFrom");
        Function<? super String, ?> message = resumeFrom.message();
        return new Session(
                Kind.NONE,
                false,
                UnknownOutcomes.REPORT,
                resumeFrom,
                payloads -> new LastIdProtocol(
                        resumeFrom.place().idOf(),
                        message == null ? null : last -> payloads.payload(message.apply(last))));
    }

    /**
     * {@return the setting for a protocol of your own} Each connection begins a new session. {@link HoldfastClient#send(Object)} gives
     * what it sends to {@link Protocol#outgoing}, or takes an {@link Outgoing} as it is. Experimental: it may change in any release.
     * {@code docs/protocols.md} builds one.
     *
     * @param protocol makes the protocol of one client; called once for each, while it is built
     */
    public static Session of(Supplier<? extends Protocol> protocol) {
        Objects.requireNonNull(protocol, "protocol");
        return new Session(
                Kind.SPEAKING,
                false,
                UnknownOutcomes.REPORT,
                null,
                payloads -> payloads.encodedBy(new AdaptedProtocol(protocol.get())));
    }

    /**
     * {@return the setting for a protocol of another artifact of the SDK} For those artifacts only: the package of the
     * parameter's type is internal, is exported to them alone, and may change in any release.
     *
     * @param protocol makes the protocol of one client
     */
    public static Session speaking(Supplier<? extends SessionProtocol> protocol) {
        Objects.requireNonNull(protocol, "protocol");
        return new Session(Kind.SPEAKING, false, UnknownOutcomes.REPORT, null, payloads -> protocol.get());
    }

    /**
     * {@return the setting for a resumable session in which the application acknowledges each message of the server
     * with {@link Message#ack}, for example after it has saved the message} A message that is not acknowledged counts
     * against {@link HoldfastClientBuilder#inboundLimitBytes}, so a client whose application forgets to acknowledge
     * stops reading.
     *
     * <p>This process receives each message once. The server keeps a message that was not acknowledged for the next process,
     * which goes on from a {@linkplain HoldfastClient#snapshot snapshot}.
     *
     * <p>{@link HoldfastClient#close} does not wait for these acknowledgements: it ends the session, and the server forgets the
     * messages that were not acknowledged. Acknowledge first, or use {@link HoldfastClient#disconnect}, which keeps the
     * session.
     *
     * @throws IllegalStateException if this session is not {@link #resumable}
     */
    public Session withManualAcks() {
        if (!resumable) {
            throw new IllegalStateException("manual acknowledgements need Session.resumable(), but this is " + this);
        }
        return new Session(Kind.RESUMABLE, true, unknownOutcomes, null, protocol);
    }

    /**
     * {@return a resumable session that does this with messages of unknown outcome after it was lost} Default: {@link
     * UnknownOutcomes#REPORT}.
     *
     * @param unknownOutcomes report them, or send them again
     * @throws IllegalStateException if this session is not {@link #resumable}
     */
    public Session withUnknownOutcomes(UnknownOutcomes unknownOutcomes) {
        Objects.requireNonNull(unknownOutcomes, "unknownOutcomes");
        if (!resumable) {
            throw new IllegalStateException("unknown outcomes need Session.resumable(), but this is " + this);
        }
        return new Session(Kind.RESUMABLE, manualAcks, unknownOutcomes, null, protocol);
    }

    boolean isResumable() {
        return resumable;
    }

    boolean resumesFromLast() {
        return resumeFrom != null;
    }

    /** Returns whether its protocol may have subscriptions. */
    boolean hasSubscriptions() {
        return kind == Kind.SPEAKING;
    }

    boolean hasManualAcks() {
        return manualAcks;
    }

    /** @throws IllegalStateException if the protocol needs a library that is not there */
    SessionProtocol protocol(Payloads payloads) {
        try {
            return protocol.apply(payloads);
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    this + " needs com.fasterxml.jackson.core:jackson-core on the class path, 2.12 or later", e);
        }
    }

    void apply(SessionSettings settings) {
        settings.resendsWithKey(unknownOutcomes == UnknownOutcomes.RESEND_WITH_KEY);
        if (resumeFrom == null) return;
        settings.rememberedIds(resumeFrom.rememberedIds())
                .startingAfter(resumeFrom.start())
                .staleCodes(resumeFrom.staleCodes())
                .opensWithLast(resumeFrom.message() != null);
    }

    /** Returns whether the ids of messages are those of server-sent events. */
    boolean resumesFromEvents() {
        return resumeFrom != null && resumeFrom.isOfEvents();
    }

    /** Returns whether a connection begins with a message of the client. */
    boolean opensWithLast() {
        return resumeFrom != null && resumeFrom.message() != null;
    }

    /** Returns how a request asks for what came after a message, null for a session that does not. */
    @Nullable
    Position position() {
        ResumeFrom from = resumeFrom;
        if (from == null) return null;
        Function<String, @Nullable String> idOf = from.place().idOf();
        return new Position() {
            @Override
            public @Nullable String idIn(String text) {
                return idOf == null ? null : idOf.apply(text);
            }

            @Override
            public Request after(Request request, String last) {
                return from.handshake(request, last);
            }

            @Override
            public Request without(Request request) {
                return from.withoutPosition(request);
            }
        };
    }

    /** Returns the request of an attempt with the last message's id. */
    Request handshake(Request request, String last) {
        return resumeFrom == null ? request : resumeFrom.handshake(request, last);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Session)) return false;
        Session that = (Session) other;
        return kind == that.kind
                && (kind != Kind.SPEAKING || protocol.equals(that.protocol))
                && manualAcks == that.manualAcks
                && unknownOutcomes == that.unknownOutcomes
                && Objects.equals(resumeFrom, that.resumeFrom);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, manualAcks, unknownOutcomes, resumeFrom);
    }

    @Override
    public String toString() {
        if (resumable) {
            String again = unknownOutcomes == UnknownOutcomes.REPORT ? "" : ", unknown outcomes " + unknownOutcomes;
            return "Session(resumable" + (manualAcks ? ", manual acks" : "") + again + ")";
        }
        if (kind == Kind.SPEAKING) return "Session(another protocol)";
        return resumeFrom == null ? "Session(none)" : "Session(" + resumeFrom + ")";
    }
}

package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The end of a {@link Delivery}: what became of the sent message, and why. Immutable. */
public final class Outcome {
    /** The kinds of outcome. More constants may be added: keep a default branch. */
    public enum Kind {
        /** The server has acknowledged the message: it has handled it ({@code docs/protocol.md}, section 4). */
        ACKNOWLEDGED,
        /** A socket has taken the message. A session without acknowledgements cannot know more. */
        WRITTEN,
        /**
         * The message is refused for good. {@link Reason#SERVER_REJECTED}: the server refused it, see {@link Outcome#code}.
         * {@link Reason#TOO_LARGE}: it exceeds the limit of the queue or of the server, and was not handled. {@link
         * Reason#STORAGE}: it could not be stored, and was not sent. {@link Reason#READ_ONLY}: the carrier can't send. {@link
         * Reason#ID_IN_USE}: its protocol gave it the id of another message, and it was not sent.
         */
        REJECTED,
        /**
         * The queue had no room and the message gave way, see {@link Overflow} and {@link Outcome#droppedBy}. The server has
         * not received it.
         */
        DROPPED,
        /** The message waited longer than its {@link SendOptions#expiry}. The server has not received it. */
        EXPIRED,
        /**
         * A newer message with the same {@link SendOptions#conflationKey} replaced this one. The server has not received it.
         */
        CONFLATED,
        /**
         * The server may or may not have received the message: it was in flight when the session, or a connection without
         * acknowledgements, was lost.
         */
        UNKNOWN,
        /**
         * The message was recalled, or the client or the only connection it was meant for ended, before the message was handed
         * to a connection. The server has not received it.
         */
        CANCELLED,
        /**
         * The client ended, and its {@link SessionStore} keeps the message: the next client that uses the store sends it, unless
         * the server has handled it already.
         */
        STORED
    }

    /** The reasons for which a message ended as it did. More constants may be added: keep a default branch. */
    public enum Reason {
        /** The queue was full and its {@link Overflow} policy did not take the message. With {@link Kind#DROPPED}. */
        QUEUE_FULL,
        /** The message left the queue to make room for another. With {@link Kind#DROPPED}. */
        DISPLACED,
        /** The thread was interrupted while it waited for room in the queue. With {@link Kind#DROPPED}. */
        INTERRUPTED,
        /** The message is larger than the queue, or than the server accepts. With {@link Kind#REJECTED}. */
        TOO_LARGE,
        /** The client's {@link Carrier} only receives. With {@link Kind#REJECTED}; the message was not sent. */
        READ_ONLY,
        /**
         * The protocol of {@link Session#of} gave the message an id for whose acknowledgement or answer another message or the start
         * of a subscription waits. With {@link Kind#REJECTED}; the message was not sent.
         */
        ID_IN_USE,
        /** The server rejected the message, see {@link Outcome#code}. With {@link Kind#REJECTED}. */
        SERVER_REJECTED,
        /** {@link Delivery#cancel} recalled the message. With {@link Kind#CANCELLED}. */
        CANCELLED_BY_CALLER,
        /**
         * The client ended: by {@link HoldfastClient#close}, {@link HoldfastClient#cancel}, or because its server ended the
         * session. With {@link Kind#CANCELLED} or {@link Kind#UNKNOWN}.
         */
        CLIENT_CLOSED,
        /**
         * The connection was lost while it wrote the message, or before the server acknowledged it, and the message is not sent
         * again. With {@link Kind#UNKNOWN}. With {@link Kind#CANCELLED}: the message was of use on that connection alone, and was
         * not sent.
         */
        CONNECTION_LOST,
        /** The server did not acknowledge the message within the time that the message allows. With {@link Kind#UNKNOWN}. */
        NOT_ACKNOWLEDGED,
        /** The session was lost before the server acknowledged the message. With {@link Kind#UNKNOWN}. */
        SESSION_LOST,
        /** {@link Delivery#giveUp} kept the message from being sent again. With {@link Kind#UNKNOWN}. */
        GIVEN_UP,
        /**
         * The message comes from a {@link SessionSnapshot} or a {@link SessionStore}, and an earlier process may have sent it.
         * With {@link Kind#UNKNOWN}.
         */
        RESTORED,
        /**
         * The {@link SessionStore} failed before it had the message. With {@link Kind#REJECTED}; the message was not sent. With
         * {@link Kind#UNKNOWN} if the store did not answer: if it has the message after all, the next client sends it.
         */
        STORAGE,
        /** The SDK failed, see {@link ConnectionFailure.Phase#INTERNAL}. With {@link Kind#CANCELLED} or {@link Kind#UNKNOWN}. */
        INTERNAL_ERROR
    }

    private static final Outcome ACKNOWLEDGED = new Outcome(Kind.ACKNOWLEDGED, null, null, null, null);
    private static final Outcome WRITTEN = new Outcome(Kind.WRITTEN, null, null, null, null);
    private static final Outcome EXPIRED = new Outcome(Kind.EXPIRED, null, null, null, null);
    private static final Outcome STORED = new Outcome(Kind.STORED, null, null, null, null);
    private static final Outcome CONFLATED = new Outcome(Kind.CONFLATED, null, null, null, null);

    private final Kind kind;
    private final @Nullable Reason reason;
    private final @Nullable String code;
    private final Overflow.@Nullable Policy droppedBy;
    private final @Nullable String detail;

    private Outcome(
            Kind kind,
            @Nullable Reason reason,
            @Nullable String code,
            Overflow.@Nullable Policy droppedBy,
            @Nullable String detail) {
        this.kind = kind;
        this.reason = reason;
        this.code = code;
        this.droppedBy = droppedBy;
        this.detail = detail;
    }

    private static Outcome of(Kind kind, Reason reason, String detail) {
        return new Outcome(
                kind, Objects.requireNonNull(reason, "reason"), null, null, Objects.requireNonNull(detail, "detail"));
    }

    /** {@return the outcome of a message that the server has handled} */
    public static Outcome acknowledged() {
        return ACKNOWLEDGED;
    }

    /**
     * {@return the outcome of a message that the server has handled, perhaps more than once}
     *
     * @param detail what is known about that
     */
    public static Outcome acknowledged(String detail) {
        return new Outcome(Kind.ACKNOWLEDGED, null, null, null, Objects.requireNonNull(detail, "detail"));
    }

    /** {@return the outcome of a message that a socket has taken} */
    public static Outcome written() {
        return WRITTEN;
    }

    /**
     * {@return the outcome of a message that the server rejected}
     *
     * @param code the server's code
     * @param detail the server's text, null if it gave none
     */
    public static Outcome rejected(String code, @Nullable String detail) {
        return new Outcome(Kind.REJECTED, Reason.SERVER_REJECTED, Objects.requireNonNull(code, "code"), null, detail);
    }

    /**
     * {@return the outcome of a message that exceeds a limit of the queue or of the server}
     *
     * @param detail an explanation for a log
     */
    public static Outcome tooLarge(String detail) {
        return of(Kind.REJECTED, Reason.TOO_LARGE, detail);
    }

    /** {@return the outcome of a message of a client whose carrier only receives} */
    public static Outcome readOnly() {
        return of(Kind.REJECTED, Reason.READ_ONLY, "the client's carrier only receives");
    }

    /**
     * {@return the outcome of a message whose id another message or the start of a subscription has}
     *
     * @param detail an explanation for a log
     */
    public static Outcome idInUse(String detail) {
        return of(Kind.REJECTED, Reason.ID_IN_USE, detail);
    }

    /**
     * {@return the outcome of a message that the queue had no room for}
     *
     * @param policy the queue's policy, which dropped the message
     * @param reason the reason, for a program
     * @param detail an explanation for a log
     */
    public static Outcome dropped(Overflow.Policy policy, Reason reason, String detail) {
        return new Outcome(
                Kind.DROPPED,
                Objects.requireNonNull(reason, "reason"),
                null,
                Objects.requireNonNull(policy, "policy"),
                Objects.requireNonNull(detail, "detail"));
    }

    /** {@return the outcome of a message that waited too long} */
    public static Outcome expired() {
        return EXPIRED;
    }

    /** {@return the outcome of a message that a newer one with the same conflation key replaced} */
    public static Outcome conflated() {
        return CONFLATED;
    }

    /** {@return the outcome of a message that the client's store keeps for the next client} */
    public static Outcome stored() {
        return STORED;
    }

    /**
     * {@return the outcome of a message that could not be stored, and was not sent}
     *
     * @param detail an explanation for a log
     */
    public static Outcome notStored(String detail) {
        return of(Kind.REJECTED, Reason.STORAGE, detail);
    }

    /**
     * {@return the outcome of a message that the server may or may not have received}
     *
     * @param reason the reason, for a program
     * @param detail an explanation for a log
     */
    public static Outcome unknown(Reason reason, String detail) {
        return of(Kind.UNKNOWN, reason, detail);
    }

    /**
     * {@return the outcome of a message that was recalled, or whose client ended, before it was handed to a connection}
     *
     * @param reason the reason, for a program
     * @param detail an explanation for a log
     */
    public static Outcome cancelled(Reason reason, String detail) {
        return of(Kind.CANCELLED, reason, detail);
    }

    /** {@return what became of the message} */
    public Kind kind() {
        return kind;
    }

    /** {@return why; null if {@link #kind} says everything: ACKNOWLEDGED, WRITTEN, EXPIRED, CONFLATED and STORED} */
    public @Nullable Reason reason() {
        return reason;
    }

    /** {@return the code with which the server rejected the message; null for every other reason} */
    public @Nullable String code() {
        return code;
    }

    /** {@return the policy of the queue that dropped the message; null for every kind but {@link Kind#DROPPED}} */
    public Overflow.@Nullable Policy droppedBy() {
        return droppedBy;
    }

    /** {@return a sentence for people and logs, null if there is nothing to add} It may quote the server, unescaped. */
    public @Nullable String detail() {
        return detail;
    }

    /** {@return whether the message was acknowledged, or written in a session without acknowledgements} */
    public boolean isSuccess() {
        return kind == Kind.ACKNOWLEDGED || kind == Kind.WRITTEN;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Outcome)) return false;
        Outcome that = (Outcome) other;
        return kind == that.kind
                && reason == that.reason
                && Objects.equals(code, that.code)
                && droppedBy == that.droppedBy
                && Objects.equals(detail, that.detail);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, reason, code, droppedBy, detail);
    }

    /** Returns the kind, the reason and the escaped texts in one line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.toString());
        if (reason != null) {
            text.append(" (").append(reason);
            if (code != null) text.append(", ").append(Printable.value(code));
            if (droppedBy != null) text.append(", ").append(droppedBy);
            text.append(')');
        }
        if (detail != null) text.append(": ").append(Printable.value(detail));
        return text.toString();
    }
}

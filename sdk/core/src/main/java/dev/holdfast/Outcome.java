package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link Delivery} ended. Immutable. */
public final class Outcome {
    /** The ways to end. */
    public enum Kind {
        /** The server has handled the message ({@code docs/protocol.md}, section 4). */
        ACKNOWLEDGED,
        /** The message was given to the socket, and a session without acknowledgements can know no more. */
        WRITTEN,
        /** The server refused the message for good, see {@link Outcome#code} and {@link Outcome#detail}. */
        REJECTED,
        /**
         * The queue had no room and the message gave way, see {@link Overflow}: {@link Outcome#code} names the policy. It has
         * certainly not arrived.
         */
        DROPPED,
        /** The message waited for longer than {@link SendOptions#expireAfter} lets it: it has certainly not arrived. */
        EXPIRED,
        /** A newer message of the same {@link SendOptions#conflate} key replaced it: it has certainly not arrived. */
        CONFLATED,
        /**
         * The message may or may not have arrived: it was under way when the session, or a connection without
         * acknowledgements, was lost.
         */
        UNKNOWN,
        /**
         * The message was recalled, or the client ended, before it was handed to a connection: it has certainly not arrived.
         */
        CANCELLED
    }

    private static final Outcome ACKNOWLEDGED = new Outcome(Kind.ACKNOWLEDGED, null, null);
    private static final Outcome WRITTEN = new Outcome(Kind.WRITTEN, null, null);
    private static final Outcome EXPIRED = new Outcome(Kind.EXPIRED, null, null);
    private static final Outcome CONFLATED = new Outcome(Kind.CONFLATED, null, null);

    private final Kind kind;
    private final @Nullable String code;
    private final @Nullable String detail;

    private Outcome(Kind kind, @Nullable String code, @Nullable String detail) {
        this.kind = kind;
        this.code = code;
        this.detail = detail;
    }

    /** The outcome of a message that the server has handled. */
    public static Outcome acknowledged() {
        return ACKNOWLEDGED;
    }

    /** The outcome of a message that the socket has taken. */
    public static Outcome written() {
        return WRITTEN;
    }

    /** The outcome of a message that the server refused, with the server's own words for it. */
    public static Outcome rejected(String code, @Nullable String detail) {
        return new Outcome(Kind.REJECTED, Objects.requireNonNull(code, "code"), detail);
    }

    /** The outcome of a message that the queue had no room for. */
    public static Outcome dropped(Overflow.Policy policy, String detail) {
        Objects.requireNonNull(policy, "policy");
        return new Outcome(Kind.DROPPED, policy.name(), Objects.requireNonNull(detail, "detail"));
    }

    /** The outcome of a message that waited for too long. */
    public static Outcome expired() {
        return EXPIRED;
    }

    /** The outcome of a message that a newer one of its key replaced. */
    public static Outcome conflated() {
        return CONFLATED;
    }

    /** The outcome of a message that was under way when its session was lost. */
    public static Outcome unknown(String detail) {
        return new Outcome(Kind.UNKNOWN, null, Objects.requireNonNull(detail, "detail"));
    }

    /** The outcome of a message that never left because it was recalled or the client ended. */
    public static Outcome cancelled(String detail) {
        return new Outcome(Kind.CANCELLED, null, Objects.requireNonNull(detail, "detail"));
    }

    /** Which way it ended. */
    public Kind kind() {
        return kind;
    }

    /** The server's code of a rejection, or the name of the {@link Overflow.Policy} that dropped it; otherwise null. */
    public @Nullable String code() {
        return code;
    }

    /** A sentence for people and logs, null where the kind says it all. */
    public @Nullable String detail() {
        return detail;
    }

    /** Whether the message reached where it can be known to reach: acknowledged, or written where nothing acknowledges. */
    public boolean isSuccess() {
        return kind == Kind.ACKNOWLEDGED || kind == Kind.WRITTEN;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Outcome)) return false;
        Outcome that = (Outcome) other;
        return kind == that.kind && Objects.equals(code, that.code) && Objects.equals(detail, that.detail);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, code, detail);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.toString());
        if (code != null) text.append(' ').append(Printable.value(code));
        if (detail != null) text.append(": ").append(Printable.value(detail));
        return text.toString();
    }
}

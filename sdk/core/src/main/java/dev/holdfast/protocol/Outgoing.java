package dev.holdfast.protocol;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A message as the protocol sends it: one or more WebSocket messages, and how the server acknowledges it. {@code HoldfastClient.send} takes
 * one as it is, in a session of a {@link Protocol}. Immutable. Experimental: it may change in any release.
 */
@CheckReturnValue
public final class Outgoing {
    private final @Nullable String text;
    private final List<ByteString> attachments;
    private final long ackId;
    private final int tries;
    private final boolean request;
    private final @Nullable Duration limit;

    private Outgoing(
            @Nullable String text,
            List<ByteString> attachments,
            long ackId,
            int tries,
            boolean request,
            @Nullable Duration limit) {
        this.text = text;
        this.attachments = attachments;
        this.ackId = ackId;
        this.tries = tries;
        this.request = request;
        this.limit = limit;
    }

    /**
     * {@return a message of a text and binary attachments, each a WebSocket message} Nothing else is written between them.
     *
     * @param text the text; may be empty if there are no attachments
     * @param attachments what follows it
     * @throws IllegalArgumentException if the text is empty and there are attachments
     */
    public static Outgoing text(String text, ByteString... attachments) {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty() && attachments.length > 0) {
            throw new IllegalArgumentException("the text must not be empty, since there are attachments");
        }
        return new Outgoing(text, copy(attachments), 0, 1, false, null);
    }

    /**
     * {@return a binary message}
     *
     * @param bytes the message; may be empty
     */
    public static Outgoing binary(ByteString bytes) {
        return new Outgoing(null, copy(bytes), 0, 1, false, null);
    }

    private static List<ByteString> copy(ByteString... attachments) {
        List<ByteString> copy = new ArrayList<>(Arrays.asList(attachments));
        for (ByteString attachment : copy) Objects.requireNonNull(attachment, "attachment");
        return Collections.unmodifiableList(copy);
    }

    /**
     * {@return this message, which the server acknowledges by an id} Its outcome is {@code ACKNOWLEDGED} when {@link
     * ProtocolEvents#acknowledged} names the id. Without an acknowledgement on its connection, or in time, it is sent again; after the
     * last try its outcome is {@code UNKNOWN}. Without an id the outcome of a message is {@code WRITTEN}.
     *
     * @param id at least 1, unique among the messages and subscription starts of the client: a late acknowledgement of an earlier
     *     use would count for this one. An id for which another of them still waits ends the message as {@code REJECTED}
     * @param maxTries how often it is sent in all; at least 1
     * @param timeout the time of each try; null for as long as the connection lasts
     * @throws IllegalArgumentException if a number is too small, or the timeout is not more than 0
     */
    public Outgoing withAcknowledgement(long id, int maxTries, @Nullable Duration timeout) {
        if (maxTries < 1) throw new IllegalArgumentException("maxTries must be at least 1, but was " + maxTries);
        return new Outgoing(text, attachments, checked(id), maxTries, false, limited("timeout", timeout));
    }

    /**
     * {@return this message, which the server answers by an id} Its outcome is {@code ACKNOWLEDGED} when {@link
     * ProtocolEvents#acknowledged} names the id. It is never sent twice on a connection. One time limit holds for all its tries; then its
     * outcome is {@code UNKNOWN}.
     *
     * @param id at least 1, unique among the messages and subscription starts of the client: a late acknowledgement of an earlier
     *     use would count for this one. An id for which another of them still waits ends the message as {@code REJECTED}
     * @param repeatable whether it is sent again on another connection if it was not answered on this one
     * @param within the time from when it is first handed to a connection; null for no limit
     * @throws IllegalArgumentException if the id is less than 1, the time is not more than 0, or the message has attachments or is
     *     binary
     */
    public Outgoing withAnswer(long id, boolean repeatable, @Nullable Duration within) {
        if (text == null || !attachments.isEmpty()) {
            throw new IllegalArgumentException("a message with an answer is a text without attachments");
        }
        int maxTries = repeatable ? Integer.MAX_VALUE : 1;
        return new Outgoing(text, attachments, checked(id), maxTries, true, limited("within", within));
    }

    private static long checked(long id) {
        if (id < 1) throw new IllegalArgumentException("id must be at least 1, but was " + id);
        return id;
    }

    private static @Nullable Duration limited(String name, @Nullable Duration limit) {
        return limit == null ? null : positive(name, limit);
    }

    static Duration positive(String name, Duration value) {
        if (Objects.requireNonNull(value, name).isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " must be positive, but was " + value);
        }
        return value;
    }

    /** {@return the text; null if the message is binary} */
    public @Nullable String text() {
        return text;
    }

    /** {@return the binary WebSocket messages: the attachments of the text, or the one binary message} */
    public List<ByteString> attachments() {
        return attachments;
    }

    /** {@return whether it is one WebSocket message} */
    public boolean isSingle() {
        return (text == null ? 0 : 1) + attachments.size() == 1;
    }

    /** {@return the id of its acknowledgement or answer; 0 if it has none} */
    public long ackId() {
        return ackId;
    }

    /** {@return how often it is sent at most} */
    public int maxTries() {
        return tries;
    }

    /** {@return whether it expects an answer, see {@link #withAnswer}} */
    public boolean isAnswered() {
        return request;
    }

    /** {@return the time limit of each try, or of the answer; null for none} */
    public @Nullable Duration limit() {
        return limit;
    }

    /** @throws IllegalArgumentException if it can't be sent outside the queue */
    void requireControl(String what) {
        if (!isSingle()) throw new IllegalArgumentException(what + " must be a single WebSocket message");
        if (ackId != 0) throw new IllegalArgumentException(what + " must not expect an acknowledgement");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Outgoing)) return false;
        Outgoing that = (Outgoing) other;
        return Objects.equals(text, that.text)
                && attachments.equals(that.attachments)
                && ackId == that.ackId
                && tries == that.tries
                && request == that.request
                && Objects.equals(limit, that.limit);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, attachments, ackId, tries, request, limit);
    }

    /** Returns the form, the sizes and the acknowledgement, but not the content. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("Outgoing(");
        if (text != null) line.append("text of ").append(text.length()).append(" characters");
        for (ByteString attachment : attachments) {
            if (line.charAt(line.length() - 1) != '(') line.append(", ");
            line.append(attachment.size()).append(" bytes");
        }
        if (ackId != 0) {
            line.append(request ? ", answer " : ", acknowledgement ").append(ackId);
            if (tries > 1) line.append(request ? ", repeatable" : ", " + tries + " tries");
            if (limit != null) line.append(", within ").append(limit);
        }
        return line.append(')').toString();
    }
}

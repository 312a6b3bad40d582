package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.Utf8Length;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A message in a protocol's own form: a text with binary attachments, each a WebSocket message, and the way in which it is
 * acknowledged. An empty text makes no message if there are attachments. Immutable.
 */
public final class Packet {
    /** A content that makes the {@link Payload#original} of a packet when a store needs it. */
    public interface Original {
        /** Returns what a store keeps of the packet. Safe from any thread. */
        Payload of(Packet packet);
    }

    /** A text that is made when it is needed, and can be written without being made. Immutable. Safe from any thread. */
    public interface Text {
        /** Returns its bytes in UTF-8, at least 1. */
        long bytes();

        /** Makes the text. */
        @Override
        String toString();
    }

    /** Empty if {@link #unmade} is the text. */
    private final String text;

    private final @Nullable Text unmade;
    private final List<ByteString> attachments;
    private final long bytes;
    private final long ackId;
    private final int tries;
    private final long ackTimeoutNanos;
    /** Whether the time runs from the first try on, and ends the message. */
    private final boolean endsInTime;

    private final @Nullable Object content;
    private final @Nullable BooleanSupplier valid;
    private final boolean reply;

    /** @param attachments nobody changes it */
    private Packet(
            String text,
            @Nullable Text unmade,
            List<ByteString> attachments,
            long bytes,
            long ackId,
            int tries,
            long ackTimeoutNanos,
            boolean endsInTime,
            @Nullable Object content,
            @Nullable BooleanSupplier valid,
            boolean reply) {
        this.text = text;
        this.unmade = unmade;
        this.attachments = attachments;
        this.bytes = bytes;
        this.ackId = ackId;
        this.tries = tries;
        this.ackTimeoutNanos = ackTimeoutNanos;
        this.endsInTime = endsInTime;
        this.content = content;
        this.valid = valid;
        this.reply = reply;
    }

    private static Packet of(
            String text,
            List<ByteString> attachments,
            long ackId,
            int tries,
            long ackTimeoutNanos,
            boolean endsInTime,
            @Nullable Object content) {
        long bytes = Utf8Length.of(text);
        List<ByteString> all = Collections.emptyList();
        if (!attachments.isEmpty()) {
            all = Collections.unmodifiableList(new ArrayList<>(attachments));
            for (ByteString attachment : all) bytes += attachment.size();
        }
        return new Packet(text, null, all, bytes, ackId, tries, ackTimeoutNanos, endsInTime, content, null, false);
    }

    /**
     * Returns a packet that nothing acknowledges.
     *
     * @param content what the protocol knows of the packet, for the protocol alone; null for nothing
     */
    public static Packet of(String text, List<ByteString> attachments, @Nullable Object content) {
        return of(text, attachments, 0, 1, 0, false, content);
    }

    /** Returns the same as {@link #of(String, List, Object)}, without attachments. */
    public static Packet of(Text text, @Nullable Object content) {
        return unmade(text, 0, 1, 0, content);
    }

    private static Packet unmade(Text text, long ackId, int tries, long ackTimeoutNanos, @Nullable Object content) {
        return new Packet(
                "",
                text,
                Collections.emptyList(),
                text.bytes(),
                ackId,
                tries,
                ackTimeoutNanos,
                false,
                content,
                null,
                false);
    }

    /**
     * Returns a packet that the server acknowledges by {@code ackId}. Without an acknowledgement on its connection, or within
     * {@code ackTimeoutNanos} of being handed to it, it is sent again, up to {@code tries} times in all; then its outcome is
     * unknown.
     *
     * @param ackId unique among the packets of the client, at least 1
     * @param tries at least 1
     * @param ackTimeoutNanos 0 for no limit but the connection's end
     */
    public static Packet acknowledged(
            String text, List<ByteString> attachments, long ackId, int tries, long ackTimeoutNanos) {
        check(ackId, tries, ackTimeoutNanos);
        return of(text, attachments, ackId, tries, ackTimeoutNanos, false, null);
    }

    /**
     * Returns the same as {@link #acknowledged(String, List, long, int, long)}, without attachments.
     *
     * @param content as in {@link #of(Text, Object)}
     */
    public static Packet acknowledged(
            Text text, long ackId, int tries, long ackTimeoutNanos, @Nullable Object content) {
        check(ackId, tries, ackTimeoutNanos);
        return unmade(text, ackId, tries, ackTimeoutNanos, content);
    }

    private static void check(long ackId, int tries, long ackTimeoutNanos) {
        if (ackId < 1 || tries < 1 || ackTimeoutNanos < 0) throw new IllegalArgumentException("ack " + ackId);
    }

    /**
     * Returns a packet that asks for an answer, which the server gives by {@code ackId}. Without an answer in time its outcome is
     * unknown. It is never sent twice on a connection.
     *
     * @param ackId unique among the packets of the client, at least 1
     * @param repeatable whether it is sent again on another connection if it was not answered on this one
     * @param limitNanos the time from its first hand-over to a connection; 0 for no limit
     */
    public static Packet request(String text, long ackId, boolean repeatable, long limitNanos) {
        if (ackId < 1 || limitNanos < 0) throw new IllegalArgumentException("request " + ackId);
        int tries = repeatable ? Integer.MAX_VALUE : 1;
        return of(text, Collections.emptyList(), ackId, tries, limitNanos, true, null);
    }

    /**
     * Returns this packet for as long as it is of use, such as on one connection. If it is not when its turn comes, it is not
     * sent, and its outcome is {@link dev.holdfast.Outcome.Kind#CANCELLED}.
     *
     * @param newValid asked on the serial context before the first try; it returns at once
     */
    public Packet validWhile(BooleanSupplier newValid) {
        return with(content, newValid, reply);
    }

    /**
     * Returns this packet as a reply: one that follows from a message of the server, and may be sent in the callback that has the
     * message. It keeps its place in the queue, but it never waits for room and is not dropped for another message: replies have
     * room of their own, as much as the queue has for other messages. Beyond that it ends as {@link
     * dev.holdfast.Outcome.Kind#DROPPED}.
     */
    public Packet asReply() {
        return with(content, valid, true);
    }

    /**
     * Returns this packet with what the protocol knows of it.
     *
     * @param newContent for the protocol alone; null for nothing
     */
    public Packet withContent(@Nullable Object newContent) {
        return with(newContent, valid, reply);
    }

    private Packet with(@Nullable Object newContent, @Nullable BooleanSupplier newValid, boolean newReply) {
        return new Packet(
                text,
                unmade,
                attachments,
                bytes,
                ackId,
                tries,
                ackTimeoutNanos,
                endsInTime,
                newContent,
                newValid,
                newReply);
    }

    public String text() {
        return unmade == null ? text : unmade.toString();
    }

    /** Returns the text if it is one that has not been made, otherwise null. */
    @Nullable
    Text unmade() {
        return unmade;
    }

    /** Returns the bytes of the text in UTF-8. */
    public long textBytes() {
        long rest = bytes;
        for (int i = 0; i < attachments.size(); i++) rest -= attachments.get(i).size();
        return rest;
    }

    public List<ByteString> attachments() {
        return attachments;
    }

    /** Returns the bytes of the text and of all attachments. */
    public long bytes() {
        return bytes;
    }

    /** Returns the id by which the server acknowledges it, 0 if it does not. */
    public long ackId() {
        return ackId;
    }

    @Nullable
    Object content() {
        return content;
    }

    /** Returns what the application sent and the protocol made this packet of; null if the protocol made it by itself. */
    @Nullable
    Payload original() {
        if (content instanceof Original) return ((Original) content).of(this);
        return content instanceof Payload ? (Payload) content : null;
    }

    boolean hasOriginal() {
        return content instanceof Original || content instanceof Payload;
    }

    /** Returns the number of WebSocket messages that it makes. */
    int parts() {
        return hasText() ? 1 + attachments.size() : attachments.size();
    }

    /** Returns whether the text is a WebSocket message. */
    public boolean hasText() {
        return attachments.isEmpty() || textBytes() > 0;
    }

    boolean isReply() {
        return reply;
    }

    boolean isValid() {
        return valid == null || valid.getAsBoolean();
    }

    /** Returns how often it is sent at most. */
    public int tries() {
        return tries;
    }

    /** Returns the time for its acknowledgement, 0 for no limit. */
    public long ackTimeoutNanos() {
        return ackTimeoutNanos;
    }

    /** Returns whether its time runs from the first try on, and ends it. Otherwise each try has its own time. */
    boolean endsInTime() {
        return endsInTime;
    }
}

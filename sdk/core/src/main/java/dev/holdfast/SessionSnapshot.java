package dev.holdfast;

import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A saved resumable session, with which another process can resume it ({@link HoldfastClientBuilder#restore}). It has the id
 * and the secret of the session, the positions of both streams, and the messages that have not ended. Store it where the
 * application keeps its secrets.
 *
 * <p>A snapshot does not change after {@link HoldfastClient#snapshot} took it. If the client that it was taken from connects
 * again, the snapshot is useless: the server changes the secret with each connection, and a process that restores the snapshot
 * loses the session. A restored message that waited in the queue is sent only if the server proves that it was not sent since.
 * Otherwise it ends as {@link Outcome.Kind#UNKNOWN}. Immutable.
 */
public final class SessionSnapshot {
    /** A message without an outcome. */
    static final class Saved {
        final Payload payload;
        /** 0 if it was never handed to a connection. */
        final long seq;

        final Priority priority;
        final @Nullable String conflationKey;
        final @Nullable String idempotencyKey;
        final boolean sessionStart;
        final boolean givenUp;

        Saved(
                Payload payload,
                long seq,
                Priority priority,
                @Nullable String conflationKey,
                @Nullable String idempotencyKey,
                boolean sessionStart,
                boolean givenUp) {
            this.payload = payload;
            this.seq = seq;
            this.priority = priority;
            this.conflationKey = conflationKey;
            this.idempotencyKey = idempotencyKey;
            this.sessionStart = sessionStart;
            this.givenUp = givenUp;
        }

        SendOptions options() {
            SendOptions options = SendOptions.defaults().withPriority(priority);
            if (conflationKey != null) options = options.withConflationKey(conflationKey);
            return idempotencyKey == null ? options : options.withIdempotencyKey(idempotencyKey);
        }
    }

    final String sid;
    final String key;
    final String position;
    final boolean handled;
    final long nextSeq;
    final List<Saved> messages;
    private final Map<String, Payload> startMessages;

    private SessionSnapshot(
            String sid,
            String key,
            String position,
            boolean handled,
            long nextSeq,
            List<Saved> messages,
            Map<String, Payload> startMessages) {
        this.startMessages = startMessages;
        this.sid = sid;
        this.key = key;
        this.position = position;
        this.handled = handled;
        this.nextSeq = nextSeq;
        this.messages = messages;
    }

    static SessionSnapshot of(Snapshot snapshot, List<Outbound> waiting) {
        List<Saved> messages = new ArrayList<>();
        for (Outbound message : snapshot.unacknowledged) messages.add(saved(message));
        for (Outbound message : waiting) messages.add(saved(message));
        return new SessionSnapshot(
                snapshot.sid,
                snapshot.key,
                snapshot.position,
                snapshot.handled,
                snapshot.nextSeq,
                messages,
                snapshot.startMessages);
    }

    private static Saved saved(Outbound message) {
        SendOptions options = message.options();
        return new Saved(
                message.payload(),
                message.seq(),
                options.priority(),
                options.conflationKey(),
                options.idempotencyKey(),
                message.isSessionStart(),
                message.isGivenUp());
    }

    /** Returns the machine's snapshot, with the remaining messages that were handed over. */
    Snapshot with(List<Outbound> unacknowledged) {
        return new Snapshot(sid, key, position, handled, nextSeq, unacknowledged, startMessages);
    }

    /**
     * Returns the receipts of the messages, in order, and adds the messages to those that were handed over and those that waited.
     *
     * @param made makes the receipt of a message
     */
    List<Delivery> deliveries(
            BiFunction<Payload, SendOptions, Delivery> made, List<Outbound> unacknowledged, List<Outbound> waiting) {
        List<Delivery> deliveries = new ArrayList<>();
        for (Saved saved : messages) {
            Delivery delivery = made.apply(saved.payload, saved.options());
            if (saved.seq == 0) {
                waiting.add(delivery.outbound());
            } else {
                delivery.markWritten();
                unacknowledged.add(delivery.outbound().restored(saved.seq));
                if (saved.sessionStart) delivery.outbound().asSessionStart();
                if (saved.givenUp) delivery.outbound().giveUp();
            }
            if (!saved.sessionStart) deliveries.add(delivery);
        }
        return deliveries;
    }

    /**
     * {@return the snapshot as bytes for {@link #fromBytes}, with a version and a checksum} To replace a file, write
     * another one and rename it, so that a process that dies in between leaves the old snapshot.
     */
    public byte[] toBytes() {
        return SnapshotBytes.seal(SnapshotJson.write(this, startMessages));
    }

    /**
     * {@return the snapshot that {@link #toBytes} wrote as these bytes}
     *
     * @param bytes what {@link #toBytes} returned
     * @throws IllegalArgumentException if the bytes are cut off, followed by others, damaged, or in the format of another
     *     version of the SDK. The exception does not quote them. Continue without a snapshot then: the server keeps the old
     *     session until it expires
     */
    public static SessionSnapshot fromBytes(byte[] bytes) {
        int start = SnapshotBytes.open(Objects.requireNonNull(bytes, "bytes"));
        SnapshotJson.Members root = SnapshotJson.read(bytes, start);
        List<Saved> messages = new ArrayList<>();
        long newest = 0;
        long nextSeq = root.positive("next");
        for (SnapshotJson.Members entry : root.list("messages")) {
            long seq = entry.has("c") ? entry.positive("c") : 0;
            if (seq > 0 && (seq <= newest || seq >= nextSeq)) throw new IllegalArgumentException("seqs out of order");
            newest = Math.max(newest, seq);
            messages.add(new Saved(
                    entry.payload(),
                    seq,
                    entry.constant(Priority.class, "priority"),
                    entry.textOrNull("key"),
                    entry.textOrNull("k"),
                    entry.isTrue("standing"),
                    entry.isTrue("givenUp")));
        }
        return new SessionSnapshot(
                root.text("sid"),
                root.text("key"),
                root.text("position"),
                root.isTrue("handled"),
                nextSeq,
                messages,
                root.payloads("standing"));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SessionSnapshot && Arrays.equals(toBytes(), ((SessionSnapshot) other).toBytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toBytes());
    }

    /** Returns the session's public id and the number of messages that have not ended. */
    @Override
    public String toString() {
        return "snapshot of session " + sid + ", " + messages.size() + " messages";
    }
}

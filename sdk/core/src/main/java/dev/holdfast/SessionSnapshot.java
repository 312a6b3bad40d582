package dev.holdfast;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.internal.resume.Redaction;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okio.ByteString;
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
    /** The maximum nesting of a snapshot's JSON; payloads are strings in it. */
    private static final int MAX_DEPTH = 16;

    /**
     * A mapper without Jackson's limits on strings and names: a message that was sent may be saved, and must be
     * readable.
     */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
     * {@return the snapshot as bytes for {@link #fromBytes}, with a version and a checksum} To replace a file, write
     * another one and rename it, so that a process that dies in between leaves the old snapshot.
     */
    public byte[] toBytes() {
        ObjectNode root = JSON.createObjectNode()
                .put("sid", sid)
                .put("key", key)
                .put("position", position)
                .put("handled", handled)
                .put("next", nextSeq);
        for (Saved message : messages) {
            ObjectNode entry = put(message.payload, root.withArray("messages").addObject())
                    .put("priority", message.priority.name())
                    .put("key", message.conflationKey)
                    .put("standing", message.sessionStart)
                    .put("givenUp", message.givenUp);
            if (message.seq > 0) entry.put("c", message.seq);
            if (message.idempotencyKey != null) entry.put("k", message.idempotencyKey);
        }
        ObjectNode sent = root.putObject("standing");
        startMessages.forEach((name, payload) -> put(payload, sent.putObject(name)));
        try {
            return SnapshotBytes.seal(JSON.writeValueAsBytes(root));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
    }

    private static ObjectNode put(Payload payload, ObjectNode entry) {
        boolean binary = payload.kind() == Payload.Kind.BINARY;
        return entry.put("kind", payload.kind().name())
                .put("d", binary ? payload.bytes().base64() : payload.text());
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
        try {
            JsonNode root = JSON.readTree(bytes, start, bytes.length - start);
            List<Saved> messages = new ArrayList<>();
            long newest = 0;
            long nextSeq = positive(root, "next");
            for (JsonNode entry : root.path("messages")) {
                long seq = entry.has("c") ? positive(entry, "c") : 0;
                if (seq > 0 && (seq <= newest || seq >= nextSeq))
                    throw new IllegalArgumentException("seqs out of order");
                newest = Math.max(newest, seq);
                messages.add(new Saved(
                        payload(entry),
                        seq,
                        constant(Priority.class, entry, "priority"),
                        entry.path("key").asText(null),
                        entry.path("k").asText(null),
                        entry.path("standing").asBoolean(),
                        entry.path("givenUp").asBoolean()));
            }
            Map<String, Payload> startMessages = new LinkedHashMap<>();
            root.path("standing").properties().forEach(one -> startMessages.put(one.getKey(), payload(one.getValue())));
            return new SessionSnapshot(
                    text(root, "sid"),
                    text(root, "key"),
                    text(root, "position"),
                    root.path("handled").asBoolean(),
                    nextSeq,
                    messages,
                    startMessages);
        } catch (StreamConstraintsException e) {
            throw new IllegalArgumentException("session snapshot nests deeper than any, or has too long a number");
        } catch (JsonProcessingException e) {
            // Without its cause, whose words quote the session's secret if the damage is there.
            throw new IllegalArgumentException("session snapshot is not JSON at " + Redaction.place(e));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static Payload payload(JsonNode entry) {
        String content = text(entry, "d");
        switch (constant(Payload.Kind.class, entry, "kind")) {
            case BINARY:
                ByteString bytes = ByteString.decodeBase64(content);
                if (bytes == null) throw new IllegalArgumentException("no base64");
                return Payload.binary(bytes);
            case JSON:
                return Payload.json(content);
            case JSON_STRING:
                return Payload.jsonString(content);
            default:
                return Payload.text(content);
        }
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode node, String member) {
        String name = text(node, member);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) return constant;
        }
        throw new IllegalArgumentException("unknown " + member + " in the snapshot");
    }

    private static String text(JsonNode node, String member) {
        JsonNode value = node.path(member);
        if (!value.isTextual()) throw new IllegalArgumentException("no " + member + " in the snapshot");
        return value.asText();
    }

    private static long positive(JsonNode node, String member) {
        long value = node.path(member).asLong();
        if (value <= 0) throw new IllegalArgumentException("no " + member + " in the snapshot");
        return value;
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

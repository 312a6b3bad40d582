package dev.holdfast.internal.runtime;

import dev.holdfast.Outcome;
import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import dev.holdfast.StoreException;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionState;
import dev.holdfast.internal.settings.Nanos;
import java.io.EOFException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The records of a store as bytes: the version of the format, the kind, the content, and a checksum of all that and of the key.
 * Texts and bytes stand behind their length.
 */
final class StoreRecords {
    static final long SESSION_KEY = 1;
    static final long START_MESSAGES_KEY = 2;
    /** Messages have greater keys than this. */
    static final long LAST_RESERVED_KEY = 15;

    private static final int VERSION = 1;
    private static final int SESSION = 1;
    private static final int START_MESSAGES = 2;
    private static final int MESSAGE = 3;
    private static final int CURSOR = 4;
    private static final int CHECKSUM_BYTES = 4;

    private static final int HANDED_OVER = 1;
    private static final int SESSION_START = 2;
    private static final int GIVEN_UP = 4;
    private static final int ENDED = 8;

    /** A message of an earlier process. */
    static final class StoredMessage {
        final Payload payload;
        final SendOptions options;
        final long seq;
        final boolean handedOver;
        final boolean sessionStart;
        final boolean givenUp;
        /** The time of day in nanoseconds, 0 for never. */
        final long expiresAt;
        /** How it ended, if nobody was told; null if it has not ended. */
        final @Nullable Outcome outcome;

        StoredMessage(
                Payload payload, SendOptions options, long seq, int flags, long expiresAt, @Nullable Outcome outcome) {
            this.payload = payload;
            this.options = options;
            this.seq = seq;
            this.handedOver = (flags & HANDED_OVER) != 0;
            this.sessionStart = (flags & SESSION_START) != 0;
            this.givenUp = (flags & GIVEN_UP) != 0;
            this.expiresAt = expiresAt;
            this.outcome = outcome;
        }
    }

    private StoreRecords() {}

    /** Returns a message's time to live in nanoseconds, 0 for no limit. */
    static long lifeNanos(SendOptions options) {
        return Nanos.expiry(options);
    }

    // ---- writing ----

    static byte[] session(long key, SessionState state) {
        Buffer to = begin(SESSION);
        writeText(to, state.sid);
        writeText(to, state.key);
        writeText(to, state.position);
        to.writeByte(state.handled ? 1 : 0);
        to.writeLong(state.nextSeq);
        writeText(to, state.lost);
        return seal(key, to);
    }

    static byte[] startMessages(long key, Map<String, Payload> messages) {
        Buffer to = begin(START_MESSAGES);
        to.writeInt(messages.size());
        messages.forEach((name, payload) -> {
            writeText(to, name);
            writePayload(to, payload);
        });
        return seal(key, to);
    }

    static byte[] cursor(long key, StoreJournal.CursorChange change) {
        Buffer to = begin(CURSOR);
        writeText(to, change.name);
        writeText(to, change.cursor);
        to.writeLong(change.usedAt);
        return seal(key, to);
    }

    static byte[] message(long key, StoreJournal.MessageChange change) {
        Outbound message = change.message;
        SendOptions options = message.options();
        Outcome outcome = change.outcome;
        Buffer to = begin(MESSAGE);
        to.writeByte((change.handedOver ? HANDED_OVER : 0)
                | (message.isSessionStart() ? SESSION_START : 0)
                | (message.isGivenUp() ? GIVEN_UP : 0)
                | (outcome != null ? ENDED : 0));
        to.writeLong(change.seq);
        writeText(to, options.priority().name());
        writeText(to, options.conflationKey());
        writeText(to, options.idempotencyKey());
        to.writeLong(lifeNanos(options));
        to.writeLong(change.expiresAt);
        Payload payload = message.payload().original();
        if (payload == null) throw new IllegalStateException("a packet of the protocol's own has no record");
        writePayload(to, payload);
        if (outcome != null) writeOutcome(to, outcome);
        return seal(key, to);
    }

    private static void writeOutcome(Buffer to, Outcome outcome) {
        Outcome.Reason reason = outcome.reason();
        writeText(to, outcome.kind().name());
        writeText(to, reason == null ? null : reason.name());
        writeText(to, outcome.code());
        writeText(to, outcome.detail());
    }

    private static void writePayload(Buffer to, Payload payload) {
        boolean binary = payload.kind() == Payload.Kind.BINARY;
        writeText(to, payload.kind().name());
        if (binary) {
            writeBytes(to, payload.bytes());
        } else {
            writeText(to, payload.text());
        }
    }

    private static void writeText(Buffer to, @Nullable String text) {
        if (text == null) {
            to.writeInt(-1);
        } else {
            Buffer utf8 = new Buffer().writeUtf8(text);
            to.writeInt((int) utf8.size());
            to.write(utf8, utf8.size());
        }
    }

    private static void writeBytes(Buffer to, ByteString bytes) {
        to.writeInt(bytes.size());
        to.write(bytes);
    }

    private static Buffer begin(int kind) {
        return new Buffer().writeByte(VERSION).writeByte(kind);
    }

    private static byte[] seal(long key, Buffer content) {
        byte[] bytes = content.readByteArray();
        return new Buffer()
                .write(bytes)
                .writeInt(checksum(key, bytes, bytes.length))
                .readByteArray();
    }

    private static int checksum(long key, byte[] bytes, int length) {
        CRC32 checksum = new CRC32();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) checksum.update((int) (key >>> shift) & 0xff);
        checksum.update(bytes, 0, length);
        return (int) checksum.getValue();
    }

    // ---- reading ----

    /**
     * Returns what a record holds: a {@link SessionState}, a map of payloads, a {@link StoredMessage}, or a {@link
     * StoreJournal.CursorChange}.
     *
     * @throws StoreException if it is damaged, or of another version
     */
    static Object read(long key, byte[] bytes) throws StoreException {
        int length = bytes.length - CHECKSUM_BYTES;
        if (length < 2) throw damaged(key, "is cut off", null);
        int version = bytes[0];
        if (version != VERSION) {
            throw damaged(key, "has format " + version + ", and this version of the SDK reads " + VERSION, null);
        }
        try {
            int stated = new Buffer().write(bytes, length, CHECKSUM_BYTES).readInt();
            if (stated != checksum(key, bytes, length)) throw damaged(key, "does not match its checksum", null);
            Buffer from = new Buffer().write(bytes, 1, length - 1);
            int kind = from.readByte();
            switch (kind) {
                case SESSION:
                    return new SessionState(
                            readText(from),
                            readText(from),
                            readText(from),
                            from.readByte() == 1,
                            from.readLong(),
                            readText(from));
                case START_MESSAGES:
                    Map<String, Payload> messages = new LinkedHashMap<>();
                    for (int left = from.readInt(); left > 0; left--) messages.put(text(from), readPayload(from));
                    return messages;
                case MESSAGE:
                    return readMessage(from);
                case CURSOR:
                    return new StoreJournal.CursorChange(text(from), text(from), from.readLong());
                default:
                    throw damaged(key, "is of kind " + kind, null);
            }
        } catch (EOFException | IllegalArgumentException e) {
            throw damaged(key, "cannot be read", e);
        }
    }

    private static StoredMessage readMessage(Buffer from) throws EOFException {
        int flags = from.readByte();
        long seq = from.readLong();
        SendOptions options = SendOptions.defaults().withPriority(Priority.valueOf(text(from)));
        String conflationKey = readText(from);
        if (conflationKey != null) options = options.withConflationKey(conflationKey);
        String idempotencyKey = readText(from);
        if (idempotencyKey != null) options = options.withIdempotencyKey(idempotencyKey);
        long life = from.readLong();
        if (life > 0) options = options.withExpiry(Duration.ofNanos(life));
        long expiresAt = from.readLong();
        Payload payload = readPayload(from);
        Outcome outcome = (flags & ENDED) == 0 ? null : readOutcome(from);
        return new StoredMessage(payload, options, seq, flags, expiresAt, outcome);
    }

    private static Outcome readOutcome(Buffer from) throws EOFException {
        Outcome.Kind kind = Outcome.Kind.valueOf(text(from));
        String reasonName = readText(from);
        Outcome.Reason reason = reasonName == null ? Outcome.Reason.RESTORED : Outcome.Reason.valueOf(reasonName);
        String code = readText(from);
        String detail = readText(from);
        String words = detail == null ? "" : detail;
        switch (kind) {
            case EXPIRED:
                return Outcome.expired();
            case REJECTED:
                if (code != null) return Outcome.rejected(code, detail);
                return reason == Outcome.Reason.ID_IN_USE ? Outcome.idInUse(words) : Outcome.tooLarge(words);
            case CANCELLED:
                return Outcome.cancelled(reason, words);
            default:
                return Outcome.unknown(reason, words);
        }
    }

    private static Payload readPayload(Buffer from) throws EOFException {
        switch (Payload.Kind.valueOf(text(from))) {
            case BINARY:
                return Payload.binary(from.readByteString(from.readInt()));
            case JSON:
                return Payload.json(text(from));
            case JSON_STRING:
                return Payload.jsonString(text(from));
            default:
                return Payload.text(text(from));
        }
    }

    private static String text(Buffer from) throws EOFException {
        String text = readText(from);
        if (text == null) throw new IllegalArgumentException("no text");
        return text;
    }

    private static @Nullable String readText(Buffer from) throws EOFException {
        int length = from.readInt();
        return length < 0 ? null : from.readUtf8(length);
    }

    private static StoreException damaged(long key, String what, @Nullable Throwable cause) {
        return new StoreException(
                StoreException.Kind.DAMAGED,
                "record " + key + " of the session store " + what + ". Remove the store to start without it.",
                cause);
    }
}

package dev.holdfast.internal.resume;

import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an application message's envelope in one pass over its bytes, without a parser: most of what a session receives.
 * Only its id and its payload become strings. What is not quite as usual, and what is wrong, is left to {@link
 * ServerEnvelope}, which says the same of what is read here.
 *
 * <p>Each {@code skip} says where what begins at {@code at} ends, or {@link #NOT_HERE}.
 */
final class MessageReader {
    private static final int NOT_HERE = -1;
    /** Deeper values are not for this thread's stack. */
    private static final int MOST_DEPTH = 64;

    private static final byte[] TYPE = ascii("\"t\"");
    private static final byte[] MESSAGE = ascii("\"msg\"");
    private static final byte[] ID = ascii("\"id\"");
    private static final byte[] DATA = ascii("\"d\"");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");

    /** With an id's first quote. */
    private static final int START_BYTES = 2 * Long.BYTES + 1;

    private static final long START = word("{\"t\":\"ms");
    private static final long START_2 = word("g\",\"id\":");
    private static final byte[] DATA_MEMBER = ascii(",\"d\":");

    private static final int FIRST_PRINTABLE = 0x20;

    // Eight bytes at a time.
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = ONES << (Byte.SIZE - 1);
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long SPACES = FIRST_PRINTABLE * ONES;

    private final Utf8Text text;
    private final byte[] bytes;
    /** The same bytes, the first the lowest. */
    private final ByteBuffer words;

    private final int end;

    private MessageReader(Utf8Text text) {
        this.text = text;
        this.words = text.words();
        this.bytes = text.bytes();
        this.end = text.from() + text.size();
    }

    /** An application message. */
    static final class Found implements SessionEvent {
        final String id;
        final Payload payload;
        private final long cost;

        private Found(String id, Payload payload, long cost) {
            this.id = id;
            this.payload = payload;
            this.cost = cost;
        }

        @Override
        public List<Effect> apply(SessionMachine machine, long connection, long now) {
            return machine.onMessage(connection, id, payload, cost, now);
        }
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    private static long word(String eight) {
        return ByteBuffer.wrap(ascii(eight)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Returns null for what is to be read otherwise. The text has been checked. */
    @Nullable
    static Found read(Utf8Text text) {
        MessageReader reader = new MessageReader(text);
        Found found = reader.findUsual();
        return found != null ? found : reader.find();
    }

    /** As most servers write it: nothing but what is needed, in the order of the protocol's description. */
    private @Nullable Found findUsual() {
        int start = text.from();
        if (text.size() < START_BYTES
                || words.getLong(start) != START
                || words.getLong(start + Long.BYTES) != START_2) {
            return null;
        }
        int quote = start + START_BYTES - 1;
        if (bytes[quote] != '"') return null;
        int idEnd = skipString(quote + 1);
        if (idEnd == NOT_HERE || !stands(DATA_MEMBER, idEnd)) return null;
        int from = idEnd + DATA_MEMBER.length;
        int to = skipValue(from, 0);
        if (to == NOT_HERE || to + 1 != end || bytes[to] != '}') return null;
        String id = text.string(quote + 1, idEnd - quote - 2);
        if (!ServerEnvelope.isId(id)) return null;
        Payload payload = payload(from, to);
        return payload == null ? null : new Found(id, payload, text.size());
    }

    private @Nullable Found find() {
        String id = null;
        Payload payload = null;
        boolean typed = false;
        int at = skipSpace(text.from());
        if (at(at) != '{') return null;
        do {
            int name = skipSpace(at + 1);
            int colon = nameEnd(name);
            if (colon == NOT_HERE) return null;
            int from = skipSpace(colon + 1);
            int to = skipValue(from, 0);
            if (to == NOT_HERE) return null;
            if (stands(TYPE, name)) {
                if (typed || !stands(MESSAGE, from)) return null;
                typed = true;
            } else if (stands(ID, name)) {
                if (id != null || bytes[from] != '"') return null;
                id = text.string(from + 1, to - from - 2);
                if (!ServerEnvelope.isId(id)) return null;
            } else if (stands(DATA, name)) {
                if (payload != null) return null;
                payload = payload(from, to);
                if (payload == null) return null;
            }
            at = skipSpace(to);
        } while (at(at) == ',');
        if (at(at) != '}' || skipSpace(at + 1) != end) return null;
        return typed && id != null && payload != null ? new Found(id, payload, text.size()) : null;
    }

    private @Nullable Payload payload(int from, int to) {
        if (bytes[from] != '"') return Payload.json(text.string(from, to - from), to - from);
        String string = text.string(from + 1, to - from - 2);
        if (string.indexOf('\\') >= 0) return null;
        return Payload.jsonString(string, to - from - 2);
    }

    /** The colon behind a member's name. */
    private int nameEnd(int at) {
        if (at(at) != '"') return NOT_HERE;
        int end = skipString(at + 1);
        if (end == NOT_HERE) return NOT_HERE;
        int colon = skipSpace(end);
        return at(colon) == ':' ? colon : NOT_HERE;
    }

    private boolean stands(byte[] word, int at) {
        if (end - at < word.length) return false;
        for (int i = 0; i < word.length; i++) {
            if (bytes[at + i] != word[i]) return false;
        }
        return true;
    }

    /** The byte there, or one that begins and ends nothing. */
    private byte at(int at) {
        return at < end ? bytes[at] : 0;
    }

    private int skipSpace(int from) {
        int at = from;
        for (byte c; (c = at(at)) == ' ' || c == '\n' || c == '\r' || c == '\t'; ) at++;
        return at;
    }

    private int skipValue(int at, int depth) {
        switch (at(at)) {
            case '"':
                return skipString(at + 1);
            case '{':
            case '[':
                return depth == MOST_DEPTH ? NOT_HERE : skipNested(at, depth + 1);
            case 't':
                return skipWord(at, TRUE);
            case 'f':
                return skipWord(at, FALSE);
            case 'n':
                return skipWord(at, NULL);
            default:
                return skipNumber(at);
        }
    }

    /** An object or an array. */
    private int skipNested(int start, int depth) {
        boolean object = bytes[start] == '{';
        int close = object ? '}' : ']';
        int at = skipSpace(start + 1);
        if (at(at) == close) return at + 1;
        while (true) {
            if (object) {
                int colon = nameEnd(at);
                if (colon == NOT_HERE) return NOT_HERE;
                at = skipSpace(colon + 1);
            }
            int to = skipValue(at, depth);
            if (to == NOT_HERE) return NOT_HERE;
            at = skipSpace(to);
            byte c = at(at);
            if (c == close) return at + 1;
            if (c != ',') return NOT_HERE;
            at = skipSpace(at + 1);
        }
    }

    /** From behind its first quote. */
    private int skipString(int from) {
        int at = from;
        while (true) {
            while (at <= end - Long.BYTES) {
                long marks = marks(words.getLong(at));
                if (marks != 0) {
                    at += Long.numberOfTrailingZeros(marks) / Byte.SIZE;
                    break;
                }
                at += Long.BYTES;
            }
            byte c = at(at);
            if (c == '"') return at + 1;
            if (c == '\\') {
                at = skipEscape(at + 1);
                if (at == NOT_HERE) return NOT_HERE;
            } else if (c >= 0 && c < FIRST_PRINTABLE) {
                return NOT_HERE;
            }
            at++;
        }
    }

    /** Eight bytes, of which the first that is a quote, a backslash or a control character is the first that is marked. */
    private static long marks(long word) {
        long quotes = word ^ QUOTES;
        long backslashes = word ^ BACKSLASHES;
        long found = ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes) | ((word - SPACES) & ~word);
        return found & HIGH_BITS;
    }

    /** To the last character of an escape. */
    private int skipEscape(int at) {
        byte c = at(at);
        if (c != 'u') return c != 0 && "\"\\/bfnrt".indexOf(c) >= 0 ? at : NOT_HERE;
        for (int i = 1; i <= 4; i++) {
            if (!isHex(at(at + i))) return NOT_HERE;
        }
        return at + 4;
    }

    private static boolean isHex(byte c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private int skipWord(int at, byte[] word) {
        return stands(word, at) ? at + word.length : NOT_HERE;
    }

    private int skipNumber(int from) {
        int at = at(from) == '-' ? from + 1 : from;
        at = at(at) == '0' ? at + 1 : skipDigits(at);
        if (at != NOT_HERE && at(at) == '.') at = skipDigits(at + 1);
        if (at == NOT_HERE || (at(at) != 'e' && at(at) != 'E')) return at;
        byte sign = at(at + 1);
        return skipDigits(sign == '+' || sign == '-' ? at + 2 : at + 1);
    }

    /** One at least. */
    private int skipDigits(int from) {
        int at = from;
        while (isDigit(at(at))) at++;
        return at == from ? NOT_HERE : at;
    }
}

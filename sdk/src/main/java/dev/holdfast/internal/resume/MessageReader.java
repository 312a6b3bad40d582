package dev.holdfast.internal.resume;

import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an application message's envelope in one pass over its text, without a parser: most of what a session receives.
 * What is not quite as usual, and what is wrong, is left to {@link ServerEnvelope}, which says the same of what is read
 * here.
 *
 * <p>Each {@code skip} says where the value that begins at {@code at} ends, or {@link #NOT_HERE}.
 */
final class MessageReader {
    private static final int NOT_HERE = -1;
    /** Deeper values are not for this thread's stack. */
    private static final int MOST_DEPTH = 64;

    private static final int FIRST_PRINTABLE = 0x20;

    private MessageReader() {}

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

    /** Returns null for what is to be read otherwise. */
    static @Nullable Found read(String text) {
        String id = null;
        Payload payload = null;
        boolean typed = false;
        int at = skipSpace(text, 0);
        if (at(text, at) != '{') return null;
        do {
            int name = skipSpace(text, at + 1);
            int colon = nameEnd(text, name);
            if (colon == NOT_HERE) return null;
            int from = skipSpace(text, colon + 1);
            int to = skipValue(text, from, 0);
            if (to == NOT_HERE) return null;
            if (isNamed(text, name, "\"t\"")) {
                if (typed || !isNamed(text, from, "\"msg\"")) return null;
                typed = true;
            } else if (isNamed(text, name, "\"id\"")) {
                if (id != null || text.charAt(from) != '"') return null;
                id = text.substring(from + 1, to - 1);
                if (!ServerEnvelope.isId(id)) return null;
            } else if (isNamed(text, name, "\"d\"")) {
                if (payload != null) return null;
                payload = payload(text, from, to);
                if (payload == null) return null;
            }
            at = skipSpace(text, to);
        } while (at(text, at) == ',');
        if (at(text, at) != '}' || skipSpace(text, at + 1) != text.length()) return null;
        return typed && id != null && payload != null ? new Found(id, payload, text.length()) : null;
    }

    private static @Nullable Payload payload(String text, int from, int to) {
        if (text.charAt(from) != '"') return Payload.json(text.substring(from, to));
        String string = text.substring(from + 1, to - 1);
        return string.indexOf('\\') < 0 ? Payload.jsonString(string) : null;
    }

    /** The colon behind a member's name. */
    private static int nameEnd(String text, int at) {
        if (at(text, at) != '"') return NOT_HERE;
        int end = skipString(text, at + 1);
        if (end == NOT_HERE) return NOT_HERE;
        int colon = skipSpace(text, end);
        return at(text, colon) == ':' ? colon : NOT_HERE;
    }

    private static boolean isNamed(String text, int at, String quoted) {
        return text.startsWith(quoted, at);
    }

    /** The character there, or one that begins and ends nothing. */
    private static char at(String text, int at) {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private static int skipSpace(String text, int from) {
        int at = from;
        for (char c; (c = at(text, at)) == ' ' || c == '\n' || c == '\r' || c == '\t'; ) at++;
        return at;
    }

    private static int skipValue(String text, int at, int depth) {
        switch (at(text, at)) {
            case '"':
                return skipString(text, at + 1);
            case '{':
            case '[':
                return depth == MOST_DEPTH ? NOT_HERE : skipNested(text, at, depth + 1);
            case 't':
                return skipWord(text, at, "true");
            case 'f':
                return skipWord(text, at, "false");
            case 'n':
                return skipWord(text, at, "null");
            default:
                return skipNumber(text, at);
        }
    }

    /** An object or an array. */
    private static int skipNested(String text, int start, int depth) {
        boolean object = text.charAt(start) == '{';
        char close = object ? '}' : ']';
        int at = skipSpace(text, start + 1);
        if (at(text, at) == close) return at + 1;
        while (true) {
            if (object) {
                int colon = nameEnd(text, at);
                if (colon == NOT_HERE) return NOT_HERE;
                at = skipSpace(text, colon + 1);
            }
            int end = skipValue(text, at, depth);
            if (end == NOT_HERE) return NOT_HERE;
            at = skipSpace(text, end);
            char c = at(text, at);
            if (c == close) return at + 1;
            if (c != ',') return NOT_HERE;
            at = skipSpace(text, at + 1);
        }
    }

    /** From behind its first quote. */
    private static int skipString(String text, int from) {
        int length = text.length();
        for (int at = from; at < length; at++) {
            char c = text.charAt(at);
            if (c == '"') return at + 1;
            if (c < FIRST_PRINTABLE) return NOT_HERE;
            if (c == '\\') {
                at = skipEscape(text, at + 1);
                if (at == NOT_HERE) return NOT_HERE;
            }
        }
        return NOT_HERE;
    }

    /** To the last character of an escape. */
    private static int skipEscape(String text, int at) {
        char c = at(text, at);
        if (c != 'u') return c != 0 && "\"\\/bfnrt".indexOf(c) >= 0 ? at : NOT_HERE;
        for (int i = 1; i <= 4; i++) {
            if (!isHex(at(text, at + i))) return NOT_HERE;
        }
        return at + 4;
    }

    private static boolean isHex(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int skipWord(String text, int at, String word) {
        return text.startsWith(word, at) ? at + word.length() : NOT_HERE;
    }

    private static int skipNumber(String text, int from) {
        int at = at(text, from) == '-' ? from + 1 : from;
        at = at(text, at) == '0' ? at + 1 : skipDigits(text, at);
        if (at != NOT_HERE && at(text, at) == '.') at = skipDigits(text, at + 1);
        if (at == NOT_HERE || (at(text, at) != 'e' && at(text, at) != 'E')) return at;
        char sign = at(text, at + 1);
        return skipDigits(text, sign == '+' || sign == '-' ? at + 2 : at + 1);
    }

    /** One at least. */
    private static int skipDigits(String text, int from) {
        int at = from;
        while (isDigit(at(text, at))) at++;
        return at == from ? NOT_HERE : at;
    }
}

package dev.holdfast.internal.resume;

import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an application message's envelope in one pass over its characters, without a parser: most of what a session
 * receives. What is not quite as usual, and what is wrong, is left to {@link ServerEnvelope}, which says the same of what is
 * read here.
 *
 * <p>Each {@code skip} says where what begins at {@code at} ends, or {@link #NOT_HERE}. Not thread-safe.
 */
final class MessageReader {
    private static final int NOT_HERE = -1;
    /** Deeper values are not for this thread's stack. */
    private static final int MOST_DEPTH = 64;

    private static final int FIRST_PRINTABLE = 0x20;

    private static final int LEAST_CHARACTERS = 64;
    /** For more a parser is worth its price, and the array would be much to keep. */
    private static final int MOST_CHARACTERS = 4 * 1024;

    private static final char[] TYPE = "\"t\"".toCharArray();
    private static final char[] MESSAGE = "\"msg\"".toCharArray();
    private static final char[] ID = "\"id\"".toCharArray();
    private static final char[] DATA = "\"d\"".toCharArray();
    private static final char[] TRUE = "true".toCharArray();
    private static final char[] FALSE = "false".toCharArray();
    private static final char[] NULL = "null".toCharArray();

    /** A copy of the text: an array is quicker to look through than a string. */
    private char[] characters = new char[0];

    private int length;

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
    @Nullable
    Found read(String text, long utf8Length) {
        length = text.length();
        if (length > MOST_CHARACTERS) return null;
        if (characters.length < length) characters = new char[Math.max(LEAST_CHARACTERS, length)];
        text.getChars(0, length, characters, 0);
        return find(text, utf8Length == length);
    }

    private @Nullable Found find(String text, boolean ascii) {
        String id = null;
        Payload payload = null;
        boolean typed = false;
        int at = skipSpace(0);
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
                if (id != null || characters[from] != '"') return null;
                id = text.substring(from + 1, to - 1);
                if (!ServerEnvelope.isId(id)) return null;
            } else if (stands(DATA, name)) {
                if (payload != null) return null;
                payload = payload(text, from, to, ascii);
                if (payload == null) return null;
            }
            at = skipSpace(to);
        } while (at(at) == ',');
        if (at(at) != '}' || skipSpace(at + 1) != length) return null;
        return typed && id != null && payload != null ? new Found(id, payload, length) : null;
    }

    private @Nullable Payload payload(String text, int from, int to, boolean ascii) {
        if (characters[from] != '"') {
            return Payload.json(text.substring(from, to), ascii ? to - from : Payload.UNKNOWN_SIZE);
        }
        String string = text.substring(from + 1, to - 1);
        if (string.indexOf('\\') >= 0) return null;
        return Payload.jsonString(string, ascii ? string.length() : Payload.UNKNOWN_SIZE);
    }

    /** The colon behind a member's name. */
    private int nameEnd(int at) {
        if (at(at) != '"') return NOT_HERE;
        int end = skipString(at + 1);
        if (end == NOT_HERE) return NOT_HERE;
        int colon = skipSpace(end);
        return at(colon) == ':' ? colon : NOT_HERE;
    }

    private boolean stands(char[] word, int at) {
        if (length - at < word.length) return false;
        for (int i = 0; i < word.length; i++) {
            if (characters[at + i] != word[i]) return false;
        }
        return true;
    }

    /** The character there, or one that begins and ends nothing. */
    private char at(int at) {
        return at < length ? characters[at] : 0;
    }

    private int skipSpace(int from) {
        int at = from;
        for (char c; (c = at(at)) == ' ' || c == '\n' || c == '\r' || c == '\t'; ) at++;
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
        boolean object = characters[start] == '{';
        char close = object ? '}' : ']';
        int at = skipSpace(start + 1);
        if (at(at) == close) return at + 1;
        while (true) {
            if (object) {
                int colon = nameEnd(at);
                if (colon == NOT_HERE) return NOT_HERE;
                at = skipSpace(colon + 1);
            }
            int end = skipValue(at, depth);
            if (end == NOT_HERE) return NOT_HERE;
            at = skipSpace(end);
            char c = at(at);
            if (c == close) return at + 1;
            if (c != ',') return NOT_HERE;
            at = skipSpace(at + 1);
        }
    }

    /** From behind its first quote. */
    private int skipString(int from) {
        char[] in = characters;
        int end = length;
        for (int at = from; at < end; at++) {
            char c = in[at];
            if (c == '"') return at + 1;
            if (c < FIRST_PRINTABLE) return NOT_HERE;
            if (c == '\\') {
                at = skipEscape(at + 1);
                if (at == NOT_HERE) return NOT_HERE;
            }
        }
        return NOT_HERE;
    }

    /** To the last character of an escape. */
    private int skipEscape(int at) {
        char c = at(at);
        if (c != 'u') return c != 0 && "\"\\/bfnrt".indexOf(c) >= 0 ? at : NOT_HERE;
        for (int i = 1; i <= 4; i++) {
            if (!isHex(at(at + i))) return NOT_HERE;
        }
        return at + 4;
    }

    private static boolean isHex(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private int skipWord(int at, char[] word) {
        return stands(word, at) ? at + word.length : NOT_HERE;
    }

    private int skipNumber(int from) {
        int at = at(from) == '-' ? from + 1 : from;
        at = at(at) == '0' ? at + 1 : skipDigits(at);
        if (at != NOT_HERE && at(at) == '.') at = skipDigits(at + 1);
        if (at == NOT_HERE || (at(at) != 'e' && at(at) != 'E')) return at;
        char sign = at(at + 1);
        return skipDigits(sign == '+' || sign == '-' ? at + 2 : at + 1);
    }

    /** One at least. */
    private int skipDigits(int from) {
        int at = from;
        while (isDigit(at(at))) at++;
        return at == from ? NOT_HERE : at;
    }
}

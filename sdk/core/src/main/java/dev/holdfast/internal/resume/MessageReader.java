package dev.holdfast.internal.resume;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A reader of application messages, which are most of a session's input. It reads an envelope in one pass over its
 * bytes, without a parser. Only its id and its payload become strings. It leaves unusual or invalid envelopes to
 * {@link ServerEnvelope}, which gives the same result for those read here.
 *
 * <p>Each {@code skip} method returns the index after the value at {@code at}, or {@link #NOT_HERE}.
 */
final class MessageReader {
    private static final int NOT_HERE = -1;
    /** Deeper values could overflow this thread's stack. */
    private static final int MAX_DEPTH = 64;

    private static final byte[] TYPE = ascii("\"t\"");
    private static final byte[] MESSAGE = ascii("\"msg\"");
    private static final byte[] ID = ascii("\"id\"");
    private static final byte[] DATA = ascii("\"d\"");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");

    /** The bytes up to and with an id's first quote. */
    private static final int START_BYTES = 2 * Long.BYTES + 1;

    private static final long START = word("{\"t\":\"ms");
    private static final long START_2 = word("g\",\"id\":");
    private static final byte[] DATA_MEMBER = ascii(",\"d\":");

    private static final int FIRST_PRINTABLE = 0x20;

    /** The text that is read. It keeps its bytes no longer than the connection does. */
    private Utf8Text text;

    private int end;

    /** The mask of bits that show a byte outside ASCII; 0 once the text is known to be UTF-8. */
    private long suspicious;

    // Values, with their quotes.
    private int idFrom;
    private int idEnd;
    private int dataFrom;
    private int dataEnd;

    /** @param text the text that {@link #read} will most likely be called with */
    MessageReader(Utf8Text text) {
        this.text = text;
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    private static long word(String eight) {
        return Words.of(ascii(eight)).getLong();
    }

    /**
     * Reads an application message. Returns null if another reader has to read it.
     *
     * @throws ProtocolViolation if the part of the text that was read is not UTF-8
     */
    @Nullable
    Inbound read(Utf8Text text) throws ProtocolViolation {
        // Skips the GC write barrier: a connection has one text.
        if (this.text != text) this.text = text;
        end = text.from() + text.size();
        suspicious = Words.HIGH_BITS;
        return findUsual() || find() ? found() : null;
    }

    /**
     * Finds the values in the form that most servers write: only the required members, in the order of the protocol's
     * description.
     */
    private boolean findUsual() throws ProtocolViolation {
        int start = text.from();
        if (text.size() < START_BYTES
                || text.words().getLong(start) != START
                || text.words().getLong(start + Long.BYTES) != START_2) {
            return false;
        }
        idFrom = start + START_BYTES - 1;
        if (text.bytes()[idFrom] != '"') return false;
        idEnd = skipString(idFrom + 1);
        if (idEnd == NOT_HERE || !stands(DATA_MEMBER, idEnd)) return false;
        dataFrom = idEnd + DATA_MEMBER.length;
        dataEnd = skipValue(dataFrom, 0);
        return dataEnd != NOT_HERE && dataEnd + 1 == end && text.bytes()[dataEnd] == '}';
    }

    private boolean find() throws ProtocolViolation {
        idFrom = NOT_HERE;
        dataFrom = NOT_HERE;
        boolean typed = false;
        int at = skipSpace(text.from());
        if (at(at) != '{') return false;
        do {
            int name = skipSpace(at + 1);
            int colon = nameEnd(name);
            if (colon == NOT_HERE) return false;
            int from = skipSpace(colon + 1);
            int to = skipValue(from, 0);
            if (to == NOT_HERE) return false;
            if (stands(TYPE, name)) {
                if (typed || !stands(MESSAGE, from)) return false;
                typed = true;
            } else if (stands(ID, name)) {
                if (idFrom != NOT_HERE || text.bytes()[from] != '"') return false;
                idFrom = from;
                idEnd = to;
            } else if (stands(DATA, name)) {
                if (dataFrom != NOT_HERE) return false;
                dataFrom = from;
                dataEnd = to;
            } else if (isEscaped(name, colon)) {
                // An escaped name may equal one of the others.
                return false;
            }
            at = skipSpace(to);
        } while (at(at) == ',');
        if (at(at) != '}' || skipSpace(at + 1) != end) return false;
        return typed && idFrom != NOT_HERE && dataFrom != NOT_HERE;
    }

    private @Nullable Inbound found() {
        if (suspicious != 0) text.setAscii();
        String id = text.string(idFrom + 1, idEnd - idFrom - 2);
        if (!ServerEnvelope.isId(id)) return null;
        Payload payload = payload(dataFrom, dataEnd);
        return payload == null ? null : new Inbound(id, payload, text.size());
    }

    private @Nullable Payload payload(int from, int to) {
        if (text.bytes()[from] != '"') return Payload.json(text.string(from, to - from), to - from);
        String string = text.string(from + 1, to - from - 2);
        if (string.indexOf('\\') >= 0) return null;
        return Payload.jsonString(string, to - from - 2);
    }

    /** Returns the index of the colon after a member's name. */
    private int nameEnd(int at) throws ProtocolViolation {
        if (at(at) != '"') return NOT_HERE;
        int end = skipString(at + 1);
        if (end == NOT_HERE) return NOT_HERE;
        int colon = skipSpace(end);
        return at(colon) == ':' ? colon : NOT_HERE;
    }

    private boolean isEscaped(int from, int to) {
        for (int at = from; at < to; at++) {
            if (text.bytes()[at] == '\\') return true;
        }
        return false;
    }

    private boolean stands(byte[] word, int at) {
        if (end - at < word.length) return false;
        for (int i = 0; i < word.length; i++) {
            if (text.bytes()[at + i] != word[i]) return false;
        }
        return true;
    }

    /** Returns the byte there, or one with no meaning in JSON after the end. */
    private byte at(int at) {
        return at < end ? text.bytes()[at] : 0;
    }

    private int skipSpace(int from) {
        int at = from;
        for (byte c; (c = at(at)) == ' ' || c == '\n' || c == '\r' || c == '\t'; ) at++;
        return at;
    }

    private int skipValue(int at, int depth) throws ProtocolViolation {
        switch (at(at)) {
            case '"':
                return skipString(at + 1);
            case '{':
            case '[':
                return depth == MAX_DEPTH ? NOT_HERE : skipNested(at, depth + 1);
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

    /** Skips an object or an array. */
    private int skipNested(int start, int depth) throws ProtocolViolation {
        boolean object = text.bytes()[start] == '{';
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

    /** Skips a string, from the byte after its first quote. */
    private int skipString(int from) throws ProtocolViolation {
        int at = from;
        while (true) {
            at = Words.endOfOrdinary(text.words(), at, end, suspicious);
            byte c = at(at);
            if (c == '"') return at + 1;
            if (c == '\\') {
                at = skipEscape(at + 1);
                if (at == NOT_HERE) return NOT_HERE;
            } else if (c < 0) {
                expectUtf8();
            } else if (c < FIRST_PRINTABLE) {
                return NOT_HERE;
            }
            at++;
        }
    }

    /** Checks all of the text at its first byte outside ASCII. From then on no byte is suspicious. */
    private void expectUtf8() throws ProtocolViolation {
        if (suspicious == 0) return;
        text.check();
        suspicious = 0;
    }

    /** Skips to the last character of an escape. */
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

    /** Skips one or more digits. */
    private int skipDigits(int from) {
        int at = from;
        while (isDigit(at(at))) at++;
        return at == from ? NOT_HERE : at;
    }
}

package dev.holdfast.socketio;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the most common packets: events of one namespace whose arguments are strings without escapes. It needs no other copy
 * of a packet than the strings that the application reads, and leaves all other packets, and illegal ones, to {@link
 * IncomingPacket#parse}. Not thread-safe.
 */
final class StringEvents {
    /** The maximum number of strings: an event with more is no common one. */
    private static final int MAX_STRINGS = 16;

    private static final int MAX_KEPT_NAME = 64;
    private static final int NOT_ASCII = -1;

    private final String namespace;
    /** What a packet begins with. */
    private final byte[] head;

    private final boolean isHeadAscii;
    /** The start and the end of each string, in the packet that is read. */
    private final int[] bounds = new int[2 * MAX_STRINGS];

    /** The name of the last event: the next one often has the same. */
    private String name = "";

    private byte[] nameBytes = {};

    /** @param head the start of an event in the namespace, with the type of the Engine.IO packet */
    StringEvents(String namespace, String head) {
        this.namespace = namespace;
        this.head = head.getBytes(StandardCharsets.UTF_8);
        this.isHeadAscii = this.head.length == head.length();
    }

    /**
     * Reads a packet. If this returns one, its text is UTF-8.
     *
     * @return null if it is another packet, which may not have been checked
     * @throws ProtocolViolation if the text is not UTF-8
     */
    @Nullable
    IncomingPacket read(Utf8Text text) throws ProtocolViolation {
        byte[] bytes = text.bytes();
        int from = text.from();
        int end = from + text.size();
        int at = from + head.length;
        if (at >= end || !startsWith(bytes, from)) return null;
        long ackId = 0;
        int digits = at;
        for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            if (at - digits == IncomingPacket.MAX_DIGITS) return null;
            ackId = 10 * ackId + bytes[at] - '0';
        }
        if (at == digits) ackId = IncomingPacket.NO_ACK;
        int strings = isHeadAscii ? strings(text, at, end, Words.HIGH_BITS) : NOT_ASCII;
        if (strings > 0) {
            // Nothing else stands between the strings.
            text.setAscii();
        } else if (strings == NOT_ASCII) {
            text.check();
            strings = strings(text, at, end, 0);
        }
        if (strings == 0) return null;
        String event = name(text);
        return event == null ? null : IncomingPacket.event(namespace, ackId, arguments(text, strings), event);
    }

    private boolean startsWith(byte[] bytes, int from) {
        for (int i = 0; i < head.length; i++) {
            if (bytes[from + i] != head[i]) return false;
        }
        return true;
    }

    /**
     * Finds the strings of an array, and returns how many there are; 0 if it is another value, or not JSON.
     *
     * @param others {@link Words#HIGH_BITS} to return {@link #NOT_ASCII} if one of them is not, otherwise 0
     */
    private int strings(Utf8Text text, int from, int end, long others) {
        byte[] bytes = text.bytes();
        ByteBuffer words = text.words();
        if (from == end || bytes[from] != '[') return 0;
        int at = from;
        for (int count = 0; count < MAX_STRINGS; count++) {
            at = afterSpace(bytes, at + 1, end);
            if (at == end || bytes[at] != '"') return 0;
            int close = Words.endOfOrdinary(words, at + 1, end, others);
            if (close == end) return 0;
            if (bytes[close] != '"') return bytes[close] < 0 ? NOT_ASCII : 0;
            bounds[2 * count] = at + 1;
            bounds[2 * count + 1] = close;
            at = afterSpace(bytes, close + 1, end);
            if (at == end) return 0;
            if (bytes[at] == ']') return afterSpace(bytes, at + 1, end) == end ? count + 1 : 0;
            if (bytes[at] != ',') return 0;
        }
        return 0;
    }

    private static int afterSpace(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) at++;
        return at;
    }

    /** Returns the name of the event, null if the protocol keeps it for itself. */
    private @Nullable String name(Utf8Text text) {
        int from = bounds[0];
        int length = bounds[1] - from;
        if (isName(text.bytes(), from, length)) return name;
        String read = text.string(from, length);
        if (IncomingPacket.isReserved(read)) return null;
        if (length <= MAX_KEPT_NAME) {
            name = read;
            nameBytes = Arrays.copyOfRange(text.bytes(), from, from + length);
        }
        return read;
    }

    private boolean isName(byte[] bytes, int from, int length) {
        if (length != nameBytes.length) return false;
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != nameBytes[i]) return false;
        }
        return true;
    }

    private JsonTexts arguments(Utf8Text text, int strings) {
        if (strings == 1) return JsonTexts.NONE;
        String[] contents = new String[strings - 1];
        for (int i = 1; i < strings; i++) {
            int from = bounds[2 * i];
            contents[i - 1] = text.string(from, bounds[2 * i + 1] - from);
        }
        return JsonTexts.ofContents(contents);
    }
}

package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.message.CloseStatus;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.ByteString;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait to be sent in requests. The queue has no bound of its own: the session hands over no more than 64 KiB and one message
 * ahead. Safe from any thread.
 */
final class Uploads {
    /** The maximum size of a request, unless one message is longer. */
    static final long MAX_BYTES = 256 * 1024;

    /** The begin of an envelope with one message of the application. */
    private static final String MESSAGE = "{\"t\":\"msg\"";

    /** A member of a request's array. */
    private static final class Member {
        final String json;
        final long utf8Length;
        final boolean isMessage;
        final boolean isOfApplication;

        /**
         * @param isMessage whether it would be a message of a WebSocket
         * @param isOfApplication whether it is one message of the application, and neither a batch nor another envelope
         */
        Member(String json, long utf8Length, boolean isMessage, boolean isOfApplication) {
            this.json = json;
            this.utf8Length = utf8Length;
            this.isMessage = isMessage;
            this.isOfApplication = isOfApplication;
        }
    }

    /** One request. */
    static final class Batch {
        final Buffer body = new Buffer();
        int messages;
        /** How many of the messages are one of the application each. */
        int ofApplication;

        int pings;
        boolean closes;
    }

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private @Nullable ByteString ping;

    @GuardedBy("lock")
    private @Nullable CloseStatus close;

    /** The payload of the last ping that was sent, and its number. */
    @GuardedBy("lock")
    private ByteString sentPing = ByteString.EMPTY;

    @GuardedBy("lock")
    private long pings;

    /** Returns false if a close has begun. */
    boolean text(String text, long utf8Length) {
        return add(new Member(text, utf8Length, true, text.startsWith(MESSAGE)));
    }

    /** Returns false if a close has begun. */
    boolean binary(ByteString bytes) {
        String json = '"' + bytes.base64() + '"';
        return add(new Member(json, json.length(), true, true));
    }

    private boolean add(Member member) {
        lock.lock();
        try {
            if (close != null) return false;
            waiting.add(member);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Replaces a ping that still waits. */
    void ping(ByteString payload) {
        lock.lock();
        try {
            ping = payload;
        } finally {
            lock.unlock();
        }
    }

    /** Returns false if a close has begun already. */
    boolean close(CloseStatus status) {
        lock.lock();
        try {
            if (close != null) return false;
            close = status;
            String json = "{\"close\":" + status.code() + ",\"reason\":" + quoted(status.reason()) + "}";
            waiting.add(new Member(json, Utf8.size(json), false, false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosing() {
        lock.lock();
        try {
            return close != null;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty() && ping == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what the next request holds.
     *
     * @param maxBytes the maximum size of a request, unless one message is longer
     */
    Batch take(long maxBytes) {
        lock.lock();
        try {
            Batch batch = new Batch();
            batch.body.writeByte('[');
            ByteString payload = ping;
            if (payload != null) {
                ping = null;
                sentPing = payload;
                pings++;
                batch.pings = 1;
                batch.body.writeUtf8("{\"ping\":").writeDecimalLong(pings).writeByte('}');
            }
            for (Member next = waiting.peek(); next != null; next = waiting.peek()) {
                // A comma before it, and the bracket that ends the array.
                if (batch.body.size() > 1 && batch.body.size() + next.utf8Length + 2 > maxBytes) break;
                waiting.remove();
                if (batch.body.size() > 1) batch.body.writeByte(',');
                batch.body.writeUtf8(next.json);
                if (next.isMessage) batch.messages++;
                if (next.isOfApplication) batch.ofApplication++;
            }
            batch.closes = close != null && waiting.isEmpty();
            batch.body.writeByte(']');
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the payload of the ping with this number; null if a newer one was sent. */
    @Nullable
    ByteString pong(long number) {
        lock.lock();
        try {
            return number == pings && number > 0 ? sentPing : null;
        } finally {
            lock.unlock();
        }
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}

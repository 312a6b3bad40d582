package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A setting for {@link Session#resumeFrom}: where a message of the server has its id, and how the client sends the id of the
 * last message when it connects again. Example: {@code ResumeFrom.jsonPointer("/id").inQuery("after")}. {@code
 * docs/sessions.md} has more. Immutable.
 *
 * <p>The id is a string or a number, compared by its characters in the message: {@code 17} equals {@code "17"}, and {@code
 * 1e3} differs from {@code 1000}. It becomes {@link Message#id}. A message without an id goes to the listener unchanged and
 * does not move the position: a binary message, one that is not JSON or nests more than 1,000 deep, one whose id is empty,
 * longer than 1,024 characters, or neither a string nor a number.
 *
 * <p>The client drops a message as a duplicate if its id is among the last 1,024 ids, or as many as {@link
 * #withRememberedIds} says. It forgets the ids and its position when it is closed.
 *
 * <p>This cannot guarantee:
 *
 * <ul>
 *   <li>that no message is missing. If the server's history is shorter than the interruption, or does not know the id,
 *       there is a gap, and no report of it. A connection that ends before its first message with an id leaves no position
 *       to resume from.
 *   <li>that no message comes twice or out of order, if the server replays from before the remembered ids, or from before
 *       the client's first message; nor for messages without an id.
 *   <li>that no message is dropped wrongly, if the server reuses ids, as one that counts from 1 after a restart does.
 *   <li>anything for the messages that the client sends: their outcomes are those of {@link Session#none}.
 * </ul>
 */
@CheckReturnValue
public final class ResumeFrom {
    private static final int REMEMBERED_IDS = 1024;

    /**
     * An unfinished {@link ResumeFrom}, returned by {@link #jsonPointer}: it knows where a message has its id. Each of its
     * methods completes it with a way in which the client sends the last id. Immutable.
     */
    @CheckReturnValue
    public static final class Pointer {
        private final String pointer;

        private Pointer(String pointer) {
            this.pointer = pointer;
        }

        /**
         * {@return a setting with which the client sends the last id as a header of the opening handshake, such as
         * {@code Last-Event-ID}} It replaces a header of that name in the request. An id that a header can hold is sent
         * as it is. Otherwise the UTF-8 bytes that are not visible ASCII, and {@code %}, are percent-encoded.
         *
         * @param name the name of the header
         * @throws IllegalArgumentException if no header can have that name
         */
        public ResumeFrom inHeader(String name) {
            Objects.requireNonNull(name, "name");
            Headers unused = Headers.of(name, "");
            return new ResumeFrom(pointer, Way.HEADER, name, null, REMEMBERED_IDS, null);
        }

        /**
         * {@return a setting with which the client sends the last id as a parameter of the URL's query} It replaces
         * parameters of that name.
         *
         * @param name the name of the parameter, unescaped
         */
        public ResumeFrom inQuery(String name) {
            return new ResumeFrom(pointer, Way.QUERY, Objects.requireNonNull(name, "name"), null, REMEMBERED_IDS, null);
        }

        /**
         * {@return a setting with which the client sends the last id in a message, the first on each connection that
         * opens after an id was received} The server should send nothing before it has read that message: live messages
         * that come before the replay are out of order, and if the connection is lost in between, the replay is lost
         * with it.
         *
         * @param message makes the message from the last id: text, bytes, or an object, as for {@link
         *     HoldfastClient#send(Object)}. It is called on an SDK thread and must not block. If it throws, the connection
         *     ends before anything else is sent on it. The exception is the cause of the {@link ConnectionFailure} and goes
         *     to the thread's uncaught exception handler
         */
        public ResumeFrom firstMessage(Function<? super String, ?> message) {
            return new ResumeFrom(
                    pointer, Way.MESSAGE, null, Objects.requireNonNull(message, "message"), REMEMBERED_IDS, null);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Pointer && pointer.equals(((Pointer) other).pointer);
        }

        @Override
        public int hashCode() {
            return pointer.hashCode();
        }

        @Override
        public String toString() {
            return "ResumeFrom.Pointer(" + pointer + ")";
        }
    }

    private enum Way {
        HEADER,
        QUERY,
        MESSAGE
    }

    private final String pointer;
    private final Way way;
    /** Of the header or parameter. */
    private final @Nullable String name;

    private final @Nullable Function<? super String, ?> message;
    private final int rememberedIds;
    private final @Nullable String start;

    private ResumeFrom(
            String pointer,
            Way way,
            @Nullable String name,
            @Nullable Function<? super String, ?> message,
            int rememberedIds,
            @Nullable String start) {
        this.pointer = pointer;
        this.way = way;
        this.name = name;
        this.message = message;
        this.rememberedIds = rememberedIds;
        this.start = start;
    }

    /**
     * {@return the first step of a setting: the place of the id in the server's text messages}
     *
     * @param pointer a JSON pointer (RFC 6901) such as {@code /id}
     * @throws IllegalArgumentException if it is not a JSON pointer
     */
    public static Pointer jsonPointer(String pointer) {
        Objects.requireNonNull(pointer, "pointer");
        if (!pointer.isEmpty() && !pointer.startsWith("/")) {
            throw new IllegalArgumentException(
                    "a JSON pointer must be empty or start with /, such as /id, but was " + pointer);
        }
        return new Pointer(pointer);
    }

    /**
     * {@return a copy with which the client starts where an earlier process stopped: the first connection resumes from
     * {@code id}, as if a message with that id had been received} Default: none; the server decides where a new client
     * starts.
     *
     * @param id the id of the last message that the earlier process handled
     */
    public ResumeFrom withStart(String id) {
        return new ResumeFrom(pointer, way, name, message, rememberedIds, Objects.requireNonNull(id, "id"));
    }

    /**
     * {@return a copy with which the client remembers this many ids, to recognize duplicates} Choose at least the
     * number of messages that the server may replay although the client has them. Default: 1,024.
     *
     * @param ids the number of ids, positive
     * @throws IllegalArgumentException if {@code ids} is not positive
     */
    public ResumeFrom withRememberedIds(int ids) {
        return new ResumeFrom(pointer, way, name, message, Checks.positive("ids", ids), start);
    }

    String pointer() {
        return pointer;
    }

    /** Makes the first message of a connection; null if the handshake carries the id. */
    @Nullable
    Function<? super String, ?> message() {
        return message;
    }

    int rememberedIds() {
        return rememberedIds;
    }

    @Nullable
    String start() {
        return start;
    }

    /** Returns the request with the last id, if the handshake carries it. */
    Request handshake(Request request, String last) {
        if (name == null) return request;
        if (way == Way.HEADER) {
            return request.newBuilder().header(name, headerValue(last)).build();
        }
        HttpUrl url = request.url().newBuilder().setQueryParameter(name, last).build();
        return request.newBuilder().url(url).build();
    }

    private static String headerValue(String id) {
        if (!id.startsWith(" ") && !id.endsWith(" ") && id.chars().allMatch(c -> c >= ' ' && c <= '~')) return id;
        StringBuilder encoded = new StringBuilder();
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b <= '~' && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }

    /** Compares every part; two functions that make a message are equal if they are the same object. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ResumeFrom)) return false;
        ResumeFrom that = (ResumeFrom) other;
        return pointer.equals(that.pointer)
                && way == that.way
                && Objects.equals(name, that.name)
                && Objects.equals(message, that.message)
                && rememberedIds == that.rememberedIds
                && Objects.equals(start, that.start);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pointer, way, name, message, rememberedIds, start);
    }

    @Override
    public String toString() {
        return "ResumeFrom(pointer=" + pointer + ", way=" + way + ", name=" + name + ", rememberedIds=" + rememberedIds
                + ", start=" + start + ")";
    }
}

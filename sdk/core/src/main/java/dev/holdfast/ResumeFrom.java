package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.resume.JsonPointerId;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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
 * does not move the position: a binary message, one whose id is empty or longer than 1,024 characters, and with a JSON pointer
 * one that is not JSON or nests more than 1,000 deep, or whose id is neither a string nor a number.
 *
 * <p>The client drops a message as a duplicate if its id is among the last 1,024 ids, or as many as {@link
 * #withRememberedIds} says. It forgets the ids and its position when it is closed.
 *
 * <p>This cannot guarantee:
 *
 * <ul>
 *   <li>that no message is missing. If the server's history is shorter than the interruption, or does not know the id,
 *       there is a gap, and no report of it unless {@link #withStaleCodes} says how the server refuses the id. A connection that ends before its first message with an id leaves no position
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
     * An unfinished {@link ResumeFrom}, returned by {@link #jsonPointer} and {@link #idFrom}: it knows where a message has its
     * id. Each of its methods completes it with a way in which the client sends the last id. Immutable.
     */
    @CheckReturnValue
    public static final class Place {
        /** A JSON pointer; null if {@code idOf} finds the id. */
        private final @Nullable String pointer;

        private final @Nullable Function<? super String, ? extends @Nullable String> idOf;

        private Place(@Nullable String pointer, @Nullable Function<? super String, ? extends @Nullable String> idOf) {
            this.pointer = pointer;
            this.idOf = idOf;
        }

        /** Finds the id with Jackson, or with the application's function. Never throws. Null if the id is not in the message. */
        @Nullable
        Function<String, @Nullable String> idOf() {
            Function<? super String, ? extends @Nullable String> given = idOf;
            if (given == null) return pointer == null ? null : new JsonPointerId(pointer);
            return text -> {
                try {
                    return given.apply(text);
                } catch (Throwable t) {
                    // The message still reaches the application, which may be able to tell what is wrong with it.
                    Uncaught.report(t);
                    return null;
                }
            };
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
            return new ResumeFrom(this, Way.HEADER, name, null, REMEMBERED_IDS, null, Collections.emptySet());
        }

        /**
         * {@return a setting with which the client sends the last id as a parameter of the URL's query} It replaces
         * parameters of that name.
         *
         * @param name the name of the parameter, unescaped
         */
        public ResumeFrom inQuery(String name) {
            return new ResumeFrom(
                    this,
                    Way.QUERY,
                    Objects.requireNonNull(name, "name"),
                    null,
                    REMEMBERED_IDS,
                    null,
                    Collections.emptySet());
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
                    this,
                    Way.MESSAGE,
                    null,
                    Objects.requireNonNull(message, "message"),
                    REMEMBERED_IDS,
                    null,
                    Collections.emptySet());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Place
                    && Objects.equals(pointer, ((Place) other).pointer)
                    && Objects.equals(idOf, ((Place) other).idOf);
        }

        @Override
        public int hashCode() {
            return Objects.hash(pointer, idOf);
        }

        @Override
        public String toString() {
            return "ResumeFrom.Place(" + (pointer != null ? pointer : idOf != null ? "a function" : "the event's id")
                    + ")";
        }
    }

    private enum Way {
        HEADER,
        /** A header as browsers send it for an event stream, in UTF-8. */
        EVENT_HEADER,
        QUERY,
        MESSAGE
    }

    private final Place place;
    private final Way way;
    /** Of the header or parameter. */
    private final @Nullable String name;

    private final @Nullable Function<? super String, ?> message;
    private final int rememberedIds;
    private final @Nullable String start;
    private final Set<Integer> staleCodes;

    private ResumeFrom(
            Place place,
            Way way,
            @Nullable String name,
            @Nullable Function<? super String, ?> message,
            int rememberedIds,
            @Nullable String start,
            Set<Integer> staleCodes) {
        this.place = place;
        this.way = way;
        this.name = name;
        this.message = message;
        this.rememberedIds = rememberedIds;
        this.start = start;
        this.staleCodes = staleCodes;
    }

    /**
     * {@return the first step of a setting: the place of the id in the server's text messages}
     *
     * @param pointer a JSON pointer (RFC 6901) such as {@code /id}
     * @throws IllegalArgumentException if it is not a JSON pointer
     */
    public static Place jsonPointer(String pointer) {
        Objects.requireNonNull(pointer, "pointer");
        if (!pointer.isEmpty() && !pointer.startsWith("/")) {
            throw new IllegalArgumentException(
                    "a JSON pointer must be empty or start with /, such as /id, but was " + pointer);
        }
        return new Place(pointer, null);
    }

    /**
     * {@return the first step of a setting: a function that finds the id in the server's text messages, for a server that does
     * not send JSON, or has the id in more than one place} It needs no Jackson on the class path.
     *
     * <pre>{@code
     * // nchan, subprotocol ws+meta.nchan: the first line is "id: 1700000000:0"
     * ResumeFrom.idFrom(text -> text.startsWith("id: ") ? text.substring(4, text.indexOf('\n')) : null).inHeader("Last-Event-ID")
     * }</pre>
     *
     * @param idOf returns the id of a message, null if it has none. It is called for each text message, on an SDK thread, and
     *     must not block. If it throws, the message counts as one without an id, and the exception goes to the thread's uncaught
     *     exception handler
     */
    public static Place idFrom(Function<? super String, ? extends @Nullable String> idOf) {
        return new Place(null, Objects.requireNonNull(idOf, "idOf"));
    }

    /**
     * {@return a setting for server-sent events, whose id is beside their text} The client sends the last one in the header {@code
     * Last-Event-ID}, as the HTML standard says. It needs a carrier for events, such as {@code Carriers.events()} of the artifact
     * {@code holdfast-http}. An event without an id of its own does not move the position, an id without data does, and an empty
     * id means that the client connects without one.
     */
    public static ResumeFrom eventId() {
        return new ResumeFrom(
                new Place(null, null),
                Way.EVENT_HEADER,
                "Last-Event-ID",
                null,
                REMEMBERED_IDS,
                null,
                Collections.emptySet());
    }

    /**
     * {@return a copy with which the client starts where an earlier process stopped: the first connection resumes from
     * {@code id}, as if a message with that id had been received} Default: none; the server decides where a new client
     * starts.
     *
     * @param id the id of the last message that the earlier process handled
     */
    public ResumeFrom withStart(String id) {
        return new ResumeFrom(place, way, name, message, rememberedIds, Objects.requireNonNull(id, "id"), staleCodes);
    }

    /**
     * {@return a copy with which the client remembers this many ids, to recognize duplicates} Choose at least the
     * number of messages that the server may replay although the client has them. Default: 1,024.
     *
     * @param ids the number of ids, positive
     * @throws IllegalArgumentException if {@code ids} is not positive
     */
    public ResumeFrom withRememberedIds(int ids) {
        return new ResumeFrom(place, way, name, message, Checks.positive("ids", ids), start, staleCodes);
    }

    /**
     * {@return a copy with the HTTP statuses and close codes by which the server refuses an id that it no longer has} The client
     * then forgets the id, reports {@link HoldfastListener#onSessionLost} with the reason {@code stale}, and connects again
     * without an id. A close frame counts only if no message has come on its connection. Default: none; such an answer is a failure
     * like any other, and the client asks with the same id again if the {@link ReconnectPolicy} makes another attempt.
     *
     * @param codes HTTP statuses of 400 to 599, such as 410, and close codes of 1000 to 4999, such as 1008
     * @throws IllegalArgumentException if a code is neither
     */
    public ResumeFrom withStaleCodes(int... codes) {
        Objects.requireNonNull(codes, "codes");
        Set<Integer> all = new TreeSet<>();
        for (int code : codes) {
            if (code < 400 || (code > 599 && code < 1000) || code > 4999) {
                throw new IllegalArgumentException(
                        "a stale code must be an HTTP status of 400 to 599 or a close code of 1000 to 4999, but was "
                                + code);
            }
            all.add(code);
        }
        return new ResumeFrom(place, way, name, message, rememberedIds, start, Collections.unmodifiableSet(all));
    }

    Set<Integer> staleCodes() {
        return staleCodes;
    }

    Place place() {
        return place;
    }

    /** Makes the first message of a connection; null if the handshake carries the id. */
    @Nullable
    Function<? super String, ?> message() {
        return message;
    }

    /** Returns whether the ids are beside the messages, so that only a carrier for events knows them. */
    boolean isOfEvents() {
        return way == Way.EVENT_HEADER;
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
        if (way == Way.EVENT_HEADER) {
            // A control character would end in a refusal, for good.
            boolean isPlain =
                    !last.startsWith(" ") && !last.endsWith(" ") && last.chars().noneMatch(Character::isISOControl);
            Headers headers = request.headers()
                    .newBuilder()
                    .removeAll(name)
                    .addUnsafeNonAscii(name, isPlain ? last : headerValue(last))
                    .build();
            return request.newBuilder().headers(headers).build();
        }
        if (way == Way.HEADER) {
            return request.newBuilder().header(name, headerValue(last)).build();
        }
        HttpUrl url = request.url().newBuilder().setQueryParameter(name, last).build();
        return request.newBuilder().url(url).build();
    }

    /** Returns the request without an id. */
    Request withoutPosition(Request request) {
        if (name == null) return request;
        if (way != Way.QUERY) return request.newBuilder().removeHeader(name).build();
        HttpUrl url = request.url().newBuilder().removeAllQueryParameters(name).build();
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
        return place.equals(that.place)
                && way == that.way
                && Objects.equals(name, that.name)
                && Objects.equals(message, that.message)
                && rememberedIds == that.rememberedIds
                && Objects.equals(start, that.start)
                && staleCodes.equals(that.staleCodes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(place, way, name, message, rememberedIds, start, staleCodes);
    }

    @Override
    public String toString() {
        return "ResumeFrom(place=" + place + ", way=" + way + ", name=" + name + ", rememberedIds=" + rememberedIds
                + ", start=" + start + ", staleCodes=" + staleCodes + ")";
    }
}

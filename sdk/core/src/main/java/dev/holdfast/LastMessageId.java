package dev.holdfast;

import com.fasterxml.jackson.core.JsonPointer;
import dev.holdfast.internal.resume.LastIdProtocol;
import dev.holdfast.internal.session.SessionSettings;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * How a server with a history is told where the client stands when it connects again, as in {@code
 * Session.lastMessageId("/id").inQuery("since")}. Immutable; {@code docs/sessions.md} has examples.
 *
 * <p>The id is a string or a number, compared by its characters as they stand in the message: {@code 17} is {@code
 * "17"}, and {@code 1e3} is not {@code 1000}. It is then {@link Message#id}. A message without one goes to the listener
 * unchanged and counts for nothing here: a binary one, one that is not JSON or nested more than 1,000 deep, one whose id
 * is empty, longer than 1,024 characters, or neither string nor number.
 *
 * <p>A message whose id is among the last 1,024, or as many as {@link #remembering} says, is dropped as a duplicate. The
 * client forgets them, and its place, when it is closed.
 *
 * <p>This can't promise:
 *
 * <ul>
 *   <li>that nothing is missing: where the server's history is shorter than the interruption, or does not know the id,
 *       there is a gap, and nobody tells. A connection that ends before its first message with an id leaves no place to
 *       go on from.
 *   <li>that nothing comes twice or out of order, where the server replays from before the ids that are remembered, or
 *       before the first message that the client ever had; nor for messages without an id.
 *   <li>that nothing is dropped wrongly, where the server uses an id again: one that counts from 1 after a restart.
 *   <li>anything for what the client sends: outcomes are those of {@link Session#none}.
 * </ul>
 */
public final class LastMessageId {
    private static final int REMEMBERED = 1024;

    private final String pointer;
    private final int remembered;
    private final @Nullable String start;

    LastMessageId(String pointer) {
        this(JsonPointer.compile(Objects.requireNonNull(pointer, "pointer")).toString(), REMEMBERED, null);
    }

    private LastMessageId(String pointer, int remembered, @Nullable String start) {
        this.pointer = pointer;
        this.remembered = remembered;
        this.start = start;
    }

    /**
     * Begins where an earlier process stopped: the first connection goes on from {@code id} as if a message of that id had
     * been received. At the server's beginning, or present, unless set.
     */
    public LastMessageId startingAfter(String id) {
        return new LastMessageId(pointer, remembered, Objects.requireNonNull(id, "id"));
    }

    /** How many ids are remembered against duplicates: as many as the server may replay for nothing. 1,024 unless set. */
    public LastMessageId remembering(int ids) {
        if (ids <= 0) throw new IllegalArgumentException("remembering " + ids + " ids");
        return new LastMessageId(pointer, ids, start);
    }

    /**
     * By a message, the first on each connection that is made after an id was received. The server should send nothing
     * before it has read it: where live messages come before the replay they do so out of order, and if the connection is
     * lost in between, the replay is lost with it.
     *
     * @param message from the last id to the message: text, bytes, or an object for JSON, as for {@link
     *     HoldfastClient#send(Object)}. Called on a thread of the SDK's, which it must not block. If it throws, the
     *     connection is given up before anything else is sent on it. The exception is the cause of the {@link
     *     ConnectionFailure} and is reported to the thread's uncaught exception handler.
     */
    public Session resumeWith(Function<? super String, ?> message) {
        Objects.requireNonNull(message, "message");
        return new Session(
                payloads -> new LastIdProtocol(pointer, last -> payloads.payload(message.apply(last))),
                settings -> apply(settings).opensWithLast(true),
                (request, last) -> request);
    }

    /**
     * By a header of the opening handshake, {@code Last-Event-ID} say, in place of one by that name in the request. An id
     * goes as it is where a header can hold that. Otherwise the UTF-8 bytes that are not visible ASCII go percent-encoded,
     * and {@code %} with them.
     *
     * @throws IllegalArgumentException if no header can have that name
     */
    public Session inHeader(String name) {
        Objects.requireNonNull(name, "name");
        Headers unused = Headers.of(name, "");
        return inHandshake((request, last) ->
                request.newBuilder().header(name, headerValue(last)).build());
    }

    /** By a parameter of the URL's query, in place of those by that name in the URL. */
    public Session inQuery(String name) {
        Objects.requireNonNull(name, "name");
        return inHandshake((request, last) -> {
            HttpUrl url =
                    request.url().newBuilder().setQueryParameter(name, last).build();
            return request.newBuilder().url(url).build();
        });
    }

    private Session inHandshake(BiFunction<Request, String, Request> handshake) {
        return new Session(payloads -> new LastIdProtocol(pointer, null), this::apply, handshake);
    }

    private SessionSettings apply(SessionSettings settings) {
        return settings.rememberedIds(remembered).startingAfter(start);
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
}

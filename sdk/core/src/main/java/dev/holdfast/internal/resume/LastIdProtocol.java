package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionEvent;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A protocol without a session whose messages carry ids of the server's own. It finds them by a JSON pointer, and
 * reads nothing else.
 */
public final class LastIdProtocol extends PlainProtocol {
    /** The maximum length of an id. A longer one is not worth its memory. */
    private static final int MAX_ID = 1024;

    private final JsonFactory json = new JsonFactory();
    private final TokenFilter filter;
    private final @Nullable Function<String, Payload> opening;

    /**
     * Creates a protocol that finds ids at one place.
     *
     * @param pointer the JSON pointer to a message's id, RFC 6901
     * @param opening creates the first message from the last id; null if the handshake carries the id
     * @throws IllegalArgumentException if {@code pointer} is not a JSON pointer
     */
    public LastIdProtocol(String pointer, @Nullable Function<String, Payload> opening) {
        this.filter = new JsonPointerBasedFilter(JsonPointer.compile(pointer));
        this.opening = opening;
    }

    @Override
    public SessionEvent readText(Utf8Text utf8) throws ProtocolViolation {
        int size = utf8.size();
        String text = utf8.string();
        String id = id(text);
        Payload payload = Payload.text(text, size);
        return (machine, connection, now) -> machine.onMessage(connection, id, payload, size, now);
    }

    /**
     * Returns the message's id. Null if it has none, is not JSON up to its end, or nests deeper than Jackson allows.
     */
    private @Nullable String id(String text) {
        String id = null;
        try (JsonParser all = json.createParser(text);
                JsonParser found =
                        new FilteringParserDelegate(all, filter, TokenFilter.Inclusion.ONLY_INCLUDE_ALL, false)) {
            JsonToken token = found.nextToken();
            if (token == JsonToken.VALUE_STRING || (token != null && token.isNumeric())) id = found.getText();
            while (token != null) token = all.nextToken();
        } catch (IOException e) {
            return null;
        }
        return id == null || id.isEmpty() || id.length() > MAX_ID ? null : id;
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        String last = open.last;
        if (opening == null || last == null) throw new IllegalStateException("nothing to open with");
        Payload payload;
        try {
            payload = opening.apply(last);
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        write(payload, payload.size(), wire);
    }
}

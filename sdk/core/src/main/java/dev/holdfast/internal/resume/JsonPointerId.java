package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The id of a message in JSON, found by a JSON pointer. It reads nothing else of the message. Stateless. */
public final class JsonPointerId implements Function<String, @Nullable String> {
    private final JsonFactory json = new JsonFactory();
    private final TokenFilter filter;

    /**
     * @param pointer the JSON pointer to a message's id, RFC 6901
     * @throws IllegalArgumentException if {@code pointer} is not a JSON pointer
     */
    public JsonPointerId(String pointer) {
        this.filter = new JsonPointerBasedFilter(JsonPointer.compile(pointer));
    }

    /** Returns the message's id. Null if it has none, is not JSON up to its end, or nests deeper than Jackson allows. */
    @Override
    public @Nullable String apply(String message) {
        String id = null;
        try (JsonParser all = json.createParser(message);
                JsonParser found =
                        new FilteringParserDelegate(all, filter, TokenFilter.Inclusion.ONLY_INCLUDE_ALL, false)) {
            JsonToken token = found.nextToken();
            if (token == JsonToken.VALUE_STRING || (token != null && token.isNumeric())) id = found.getText();
            while (token != null) token = all.nextToken();
        } catch (IOException e) {
            return null;
        }
        return id;
    }
}

package dev.holdfast.socketio;

import dev.holdfast.internal.protocols.Json;
import java.util.Collection;

/** The elements of a JSON array, as texts. Immutable. */
final class JsonTexts {
    static final JsonTexts NONE = new JsonTexts(new String[0], false);

    private final String[] texts;
    /** Whether each text is the content of a string without escapes, and not its JSON. */
    private final boolean contents;

    /** @param texts nobody changes it */
    private JsonTexts(String[] texts, boolean contents) {
        this.texts = texts;
        this.contents = contents;
    }

    /** Returns elements by their JSON. */
    static JsonTexts of(Collection<String> json) {
        return json.isEmpty() ? NONE : new JsonTexts(json.toArray(new String[0]), false);
    }

    /**
     * Returns strings by their contents.
     *
     * @param contents without escapes in JSON; nobody changes it
     */
    static JsonTexts ofContents(String[] contents) {
        return contents.length == 0 ? NONE : new JsonTexts(contents, true);
    }

    int size() {
        return texts.length;
    }

    /** Returns an element as JSON. */
    String json(int index) {
        String text = at(index);
        return contents ? '"' + text + '"' : text;
    }

    /** Returns the content of an element that is a string, otherwise its JSON. */
    String text(int index) {
        String text = at(index);
        if (contents) return text;
        String string = Json.string(text);
        return string == null ? text : string;
    }

    boolean isString(int index) {
        String text = at(index);
        return contents || Json.string(text) != null;
    }

    /** Returns the number of the attachment that an element stands for, -1 if it stands for none. */
    int attachment(int index) {
        String text = at(index);
        return contents ? -1 : Attachments.number(text);
    }

    private String at(int index) {
        if (index < 0 || index >= texts.length) {
            throw new IndexOutOfBoundsException("argument " + index + " of " + texts.length);
        }
        return texts[index];
    }
}

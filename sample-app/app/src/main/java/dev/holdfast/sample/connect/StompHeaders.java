package dev.holdfast.sample.connect;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The headers of STOMP's CONNECT, as the user typed them. */
public final class StompHeaders {
    private StompHeaders() {}

    /**
     * Returns the headers that are typed as {@code Name: value}. The last one of a name counts.
     *
     * @throws IllegalArgumentException if a line is no header; its message is a sentence for the user
     */
    public static Map<String, String> parse(Collection<String> lines) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        "A header of STOMP looks like Name: value, this one does not: " + line);
            }
            all.put(name, line.substring(colon + 1).strip());
        }
        return all;
    }
}

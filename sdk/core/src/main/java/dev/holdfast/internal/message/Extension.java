package dev.holdfast.internal.message;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An element of a {@code Sec-WebSocket-Extensions} header (RFC 6455 section 9.1). Names are in lower case. */
final class Extension {
    /** The characters of a token other than letters and digits (RFC 9110 section 5.6.2). */
    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    final String name;
    /** The parameters with their values, unquoted; null for a parameter without a value. */
    final Map<String, @Nullable String> parameters = new LinkedHashMap<>();

    private Extension(String name) {
        this.name = name;
    }

    /**
     * Reads all headers of that name as one list. Ignores empty elements.
     *
     * @throws ProtocolException if they do not follow the grammar, or an extension has a parameter twice
     */
    static List<Extension> parse(List<String> headers) throws ProtocolException {
        List<Extension> extensions = new ArrayList<>();
        for (String header : headers) new Parser(header).readInto(extensions);
        return extensions;
    }

    private static final class Parser {
        private final String header;
        private int at;

        Parser(String header) {
            this.header = header;
        }

        void readInto(List<Extension> extensions) throws ProtocolException {
            do {
                if (!isEmptyElement()) extensions.add(extension());
            } while (take(','));
            if (at < header.length()) throw wrong("unexpected character at " + at);
        }

        /** A recipient ignores empty elements (RFC 9110 section 5.6.1.2). */
        private boolean isEmptyElement() {
            skipSpace();
            return at == header.length() || header.charAt(at) == ',';
        }

        private Extension extension() throws ProtocolException {
            Extension extension = new Extension(token());
            while (take(';')) {
                String parameter = token();
                if (extension.parameters.containsKey(parameter)) throw wrong("parameter " + parameter + " twice");
                extension.parameters.put(parameter, take('=') ? value() : null);
            }
            return extension;
        }

        private String token() throws ProtocolException {
            return rawToken().toLowerCase(Locale.ROOT);
        }

        private String value() throws ProtocolException {
            if (!take('"')) return rawToken();
            StringBuilder value = new StringBuilder();
            while (at < header.length() && header.charAt(at) != '"') {
                if (header.charAt(at) == '\\') at++;
                if (at < header.length()) value.append(header.charAt(at++));
            }
            if (at == header.length()) throw wrong("quote without an end");
            at++;
            return value.toString();
        }

        private String rawToken() throws ProtocolException {
            skipSpace();
            int start = at;
            while (at < header.length() && isTokenCharacter(header.charAt(at))) at++;
            if (at == start) throw wrong("a name or value is missing at " + at);
            return header.substring(start, at);
        }

        private boolean take(char separator) {
            skipSpace();
            if (at == header.length() || header.charAt(at) != separator) return false;
            at++;
            return true;
        }

        private void skipSpace() {
            while (at < header.length() && (header.charAt(at) == ' ' || header.charAt(at) == '\t')) at++;
        }

        private ProtocolException wrong(String what) {
            return new ProtocolException("Sec-WebSocket-Extensions can't be read: " + what + " in \"" + header + '"');
        }

        private static boolean isTokenCharacter(char c) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || TOKEN_PUNCTUATION.indexOf(c) >= 0;
        }
    }
}

package dev.holdfast.internal.runtime;

import java.util.HashMap;
import java.util.Map;
import okhttp3.Headers;

/**
 * Shares the strings that stand in the answers to most opening handshakes (RFC 6455 section 4.2.2): each open client keeps its
 * headers, and an idle one holds little else.
 */
final class SharedHeaders {
    private static final Map<String, String> USUAL = usual(
            "Upgrade",
            "upgrade",
            "websocket",
            "Connection",
            "connection",
            "Sec-WebSocket-Accept",
            "sec-websocket-accept",
            "Sec-WebSocket-Protocol",
            "sec-websocket-protocol",
            "resume.v1.json",
            "Sec-WebSocket-Extensions",
            "sec-websocket-extensions",
            "permessage-deflate",
            "Date",
            "Server");

    private SharedHeaders() {}

    private static Map<String, String> usual(String... texts) {
        Map<String, String> usual = new HashMap<>();
        for (String text : texts) usual.put(text, text);
        return usual;
    }

    /** Returns equal headers, made of shared strings as far as possible. */
    static Headers of(Headers headers) {
        Headers.Builder shared = new Headers.Builder();
        try {
            for (int i = 0; i < headers.size(); i++) {
                shared.addUnsafeNonAscii(shared(headers.name(i)), shared(headers.value(i)));
            }
        } catch (IllegalArgumentException e) {
            // OkHttp reads names that it does not let anyone write.
            return headers;
        }
        return shared.build();
    }

    private static String shared(String text) {
        return USUAL.getOrDefault(text, text);
    }
}

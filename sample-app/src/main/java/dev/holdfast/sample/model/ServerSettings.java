package dev.holdfast.sample.model;

import dev.holdfast.Session;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * How to connect to a server, as somebody typed it.
 *
 * @param headers of the opening handshake, one a line
 * @param subprotocols to offer, separated by commas; of no use to a resumable session, which has its own
 * @param pointer where a message has its id, for {@link Kind#LAST_MESSAGE_ID}
 * @param parameter the query's parameter that tells the server the last id
 * @param proxy an HTTP proxy's host and port, empty for none
 */
public record ServerSettings(
        String url, String headers, String subprotocols, Kind kind, String pointer, String parameter, String proxy) {
    /** What outlives a connection. */
    public enum Kind {
        NONE("none"),
        LAST_MESSAGE_ID("last message id"),
        RESUMABLE("resume.v1.json");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private static final int MAX_PORT = 65_535;

    /** For a server at {@code url} of which nothing else is known. */
    public static ServerSettings of(String url) {
        return new ServerSettings(url, "", "", Kind.NONE, "/id", "since", "");
    }

    /** These without what may be a secret. */
    ServerSettings withoutHeaders() {
        return new ServerSettings(url, "", subprotocols, kind, pointer, parameter, proxy);
    }

    /** @throws IllegalArgumentException with a sentence for people, if there can be no such request */
    Request request() {
        String trimmed = url.trim();
        if (!trimmed.startsWith("ws://") && !trimmed.startsWith("wss://")) {
            throw new IllegalArgumentException(
                    "A WebSocket URL begins with ws:// or wss://, this is " + (trimmed.isEmpty() ? "empty." : trimmed));
        }
        Request.Builder request = new Request.Builder();
        try {
            request.url(trimmed);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(trimmed + " is no URL: " + e.getMessage(), e);
        }
        headers.lines().filter(line -> !line.isBlank()).forEach(line -> addHeader(request, line));
        if (!subprotocols.isBlank() && kind != Kind.RESUMABLE) {
            request.header("Sec-WebSocket-Protocol", subprotocols.trim());
        }
        return request.build();
    }

    private static void addHeader(Request.Builder request, String line) {
        int colon = line.indexOf(':');
        if (colon < 1)
            throw new IllegalArgumentException("A header looks like Name: value, this one does not: " + line);
        try {
            request.addHeader(
                    line.substring(0, colon).trim(), line.substring(colon + 1).trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("No header can look like this: " + line, e);
        }
    }

    /** @throws IllegalArgumentException with a sentence for people, if there can be no such session */
    Session session() {
        return switch (kind) {
            case NONE -> Session.none();
            case RESUMABLE -> Session.resumable();
            case LAST_MESSAGE_ID -> lastMessageId();
        };
    }

    private Session lastMessageId() {
        try {
            return Session.lastMessageId(pointer.trim()).inQuery(parameter.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "A JSON pointer is empty or begins with a slash, as /id does; this is " + pointer, e);
        }
    }

    /** @throws IllegalArgumentException with a sentence for people, if there can be no such proxy */
    OkHttpClient okHttpClient() {
        OkHttpClient.Builder client = new OkHttpClient.Builder();
        if (proxy.isBlank()) return client.build();
        List<String> parts = List.of(proxy.trim().split(":", -1));
        int port = parts.size() == 2 && parts.get(1).matches("[0-9]{1,5}") ? Integer.parseInt(parts.get(1)) : 0;
        if (port < 1 || port > MAX_PORT || parts.get(0).isEmpty()) {
            throw new IllegalArgumentException("A proxy looks like host:port, this one does not: " + proxy);
        }
        return client.proxy(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(parts.get(0), port)))
                .build();
    }
}

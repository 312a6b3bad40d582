package dev.holdfast.sample.model;

import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import dev.holdfast.sample.connect.Dialect;
import dev.holdfast.sample.connect.Handshake;
import dev.holdfast.sample.connect.Proxies;
import dev.holdfast.sample.connect.StompHeaders;
import java.net.URI;
import java.util.List;
import java.util.Map;
import okhttp3.Headers;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a connection to a server, as the user typed them.
 *
 * @param headers headers of the opening handshake, one per line
 * @param subprotocols subprotocols to offer, separated by commas; ignored by a kind that has its own
 * @param stompHeaders headers of CONNECT, one per line, for {@link Kind#STOMP}
 * @param pointer where a message holds its id, for {@link Kind#LAST_MESSAGE_ID}
 * @param parameter the query parameter that sends the last id to the server
 * @param proxy a proxy's URL, or the host and port of an HTTP proxy; empty for none
 */
public record ServerSettings(
        String url,
        String headers,
        String subprotocols,
        Kind kind,
        String stompHeaders,
        String pointer,
        String parameter,
        String proxy) {
    /** The protocol above WebSocket, with its session that outlives a connection. */
    public enum Kind {
        NONE("none", null),
        LAST_MESSAGE_ID("last message id", null),
        RESUMABLE("resume.v1.json", null),
        SOCKET_IO("Socket.IO", Dialect.SOCKET_IO),
        STOMP("STOMP", Dialect.STOMP),
        GRAPHQL("GraphQL", Dialect.GRAPHQL),
        JSON_RPC("JSON-RPC", Dialect.JSON_RPC);

        private final String label;
        private final @Nullable Dialect dialect;

        Kind(String label, @Nullable Dialect dialect) {
            this.label = label;
            this.dialect = dialect;
        }

        /** Returns what a message looks like. */
        public String hint() {
            return dialect == null ? "A text message" : dialect.hint();
        }

        /** Returns whether the user may offer subprotocols. The other kinds offer their own. */
        public boolean takesSubprotocols() {
            return this == NONE || this == LAST_MESSAGE_ID;
        }

        @Nullable
        Dialect dialect() {
            return dialect;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** Returns settings for a server at {@code url} of which nothing else is known. */
    public static ServerSettings of(String url) {
        return new ServerSettings(url, "", "", Kind.NONE, "", "/id", "since", "");
    }

    /** Returns these settings without anything that may be a secret. */
    ServerSettings withoutSecrets() {
        String openProxy = proxy.contains("@") ? "" : proxy;
        return new ServerSettings(PublicUrl.of(url), "", subprotocols, kind, "", pointer, parameter, openProxy);
    }

    /**
     * Returns the request of these settings.
     *
     * @throws IllegalArgumentException if the settings allow no such request; its message is a sentence for the user
     */
    Request request() {
        Headers.Builder all = new Headers.Builder();
        lines(headers).forEach(line -> Handshake.addHeader(all, line));
        if (!subprotocols.isBlank() && kind.takesSubprotocols()) {
            all.set("Sec-WebSocket-Protocol", subprotocols.trim());
        }
        return Handshake.request(url.trim(), all.build());
    }

    /**
     * Returns the headers of STOMP's CONNECT; none for another kind.
     *
     * @throws IllegalArgumentException if a line is no header; its message is a sentence for the user
     */
    Map<String, String> connectHeaders() {
        return kind == Kind.STOMP ? StompHeaders.parse(lines(stompHeaders)) : Map.of();
    }

    private static List<String> lines(String typed) {
        return typed.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    /**
     * Returns the session of these settings; none for a dialect, which has its own.
     *
     * @throws IllegalArgumentException if the settings allow no such session; its message is a sentence for the user
     */
    Session session() {
        return switch (kind) {
            case NONE, SOCKET_IO, STOMP, GRAPHQL, JSON_RPC -> Session.none();
            case RESUMABLE -> Session.resumable();
            case LAST_MESSAGE_ID -> lastMessageId();
        };
    }

    private Session lastMessageId() {
        try {
            return Session.resumeFrom(ResumeFrom.jsonPointer(pointer.trim()).inQuery(parameter.trim()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "A JSON pointer is empty or begins with a slash, as /id does; this is " + pointer, e);
        }
    }

    /**
     * Returns the URL of the proxy; null for none.
     *
     * @throws IllegalArgumentException if the settings allow no such proxy; its message is a sentence for the user
     */
    @Nullable
    URI proxyUrl() {
        return proxy.isBlank() ? null : Proxies.parse(proxy.trim());
    }
}

package dev.holdfast.sample.connect;

import dev.holdfast.Session;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The options of a connection.
 *
 * @param request the opening handshake
 * @param subprotocols the subprotocols that it offers, one of which the server must select; empty for none
 * @param session the session, which outlives a connection
 * @param dialect the protocol above WebSocket; null for none
 * @param stompHeaders more headers of STOMP's CONNECT
 * @param lines what a line of input is sent as
 * @param proxy the proxy to connect through; null for none
 * @param retry whether to go on if the first connection cannot be made
 * @param attempts the maximum number of failed reconnect attempts in a row; 0 to never reconnect, null for no limit
 * @param once whether the server's close with 1000 is the end
 * @param follow whether redirects are followed
 * @param maxMessageBytes the maximum size of a message from the server
 * @param linger how long to stay connected after the last line; null to leave as soon as it is sent
 * @param trust which certificates are trusted and presented
 */
record ConnectOptions(
        Request request,
        List<String> subprotocols,
        Session session,
        @Nullable Dialect dialect,
        Map<String, String> stompHeaders,
        LineKind lines,
        @Nullable URI proxy,
        boolean retry,
        @Nullable Integer attempts,
        boolean once,
        boolean follow,
        long maxMessageBytes,
        @Nullable Duration linger,
        Trust trust) {

    /**
     * Returns the options that arguments mean.
     *
     * @throws IllegalArgumentException if they are wrong; its message is a sentence for the user
     */
    static ConnectOptions parse(String... args) {
        return ConnectCommand.parse(args);
    }

    /**
     * The certificates of a connection with TLS.
     *
     * @param insecure whether any certificate of the server is accepted, for any host
     * @param ca a file with certificates to trust beside the platform's; null for none
     * @param certificate a file with the client's own certificate; null for none
     * @param key the file with its key; null if it is in the file of the certificate
     */
    record Trust(
            boolean insecure,
            @Nullable Path ca,
            @Nullable Path certificate,
            @Nullable Path key) {
        static final Trust PLATFORM = new Trust(false, null, null, null);
    }
}

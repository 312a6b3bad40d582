package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import okio.Socket;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake, RFC 6455 section 4.1: one HTTP call whose answer is checked as the RFC asks, and whose failure
 * is told in a sentence.
 */
final class Upgrade {
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private final Call call;
    private final PhaseTracker phases = new PhaseTracker();
    private final @Nullable String subprotocol;
    private final String key;

    /** @param subprotocol the one offered, which the server must select; null to offer none */
    Upgrade(OkHttpClient client, Request request, @Nullable String subprotocol, Random nonces) {
        byte[] nonce = new byte[KEY_BYTES];
        nonces.nextBytes(nonce);
        this.key = ByteString.of(nonce).base64();
        this.subprotocol = subprotocol;
        Request.Builder upgrade = request.newBuilder()
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .header("Sec-WebSocket-Key", key)
                .header("Sec-WebSocket-Version", "13");
        if (subprotocol != null) upgrade.header("Sec-WebSocket-Protocol", subprotocol);
        this.call = client.newCall(upgrade.build());
        call.addEventListener(phases);
    }

    /** Unblocks {@link #execute} and, later, the socket's streams. Safe from any thread. */
    void cancel() {
        call.cancel();
    }

    Phase phase() {
        return phases.phase();
    }

    /** Blocks until the server has answered. The socket's two streams are the caller's to close. */
    Socket execute() throws TransportException {
        Response response;
        try {
            response = call.execute();
        } catch (IOException e) {
            throw TransportException.of(phases.phase(), explain(e), e);
        }
        Socket socket = response.socket();
        if (socket == null) {
            try {
                throw response.code() == 101
                        ? violation("101 without a usable Connection header (" + response.header("Connection") + ")")
                        : refusal(response);
            } finally {
                response.close();
            }
        }
        try {
            check(response);
        } catch (TransportException e) {
            release(socket);
            throw e;
        }
        return socket;
    }

    private void release(Socket socket) {
        call.cancel();
        Streams.close(socket.getSource());
        Streams.close(socket.getSink());
    }

    private void check(Response response) throws TransportException {
        if (!"websocket".equalsIgnoreCase(single(response, "Upgrade"))) {
            throw violation("Upgrade is " + response.headers("Upgrade") + ", not websocket");
        }
        if (!"upgrade".equalsIgnoreCase(single(response, "Connection"))) {
            throw violation("Connection is " + response.headers("Connection") + ", not Upgrade");
        }
        String accept = ByteString.encodeUtf8(key + ACCEPT_SUFFIX).sha1().base64();
        if (!accept.equals(single(response, "Sec-WebSocket-Accept"))) {
            throw violation("Sec-WebSocket-Accept is " + response.headers("Sec-WebSocket-Accept") + ", not " + accept);
        }
        if (!response.headers("Sec-WebSocket-Extensions").isEmpty()) {
            throw violation("an extension was selected that was never offered: "
                    + response.headers("Sec-WebSocket-Extensions"));
        }
        List<String> selected = response.headers("Sec-WebSocket-Protocol");
        if (subprotocol == null ? !selected.isEmpty() : selected.size() != 1 || !subprotocol.equals(selected.get(0))) {
            throw violation("subprotocol " + (subprotocol == null ? "none" : subprotocol) + " was offered, selected "
                    + selected);
        }
    }

    private static @Nullable String single(Response response, String header) {
        List<String> values = response.headers(header);
        return values.size() == 1 ? values.get(0).trim() : null;
    }

    private static TransportException violation(String message) {
        return TransportException.of(Phase.UPGRADE, "upgrade answered wrongly: " + message, null);
    }

    private static TransportException refusal(Response response) {
        int status = response.code();
        MediaType type = response.body().contentType();
        String body = type == null ? "" : " (" + type.type() + "/" + type.subtype() + ")";
        long retryAfter = retryAfterNanos(response);
        String hint = retryAfter > 0 ? "; Retry-After " + TimeUnit.NANOSECONDS.toSeconds(retryAfter) + " s" : "";
        return TransportException.refused(status, retryAfter, "upgrade refused with HTTP " + status + body + hint);
    }

    /** RFC 9110 section 10.2.3: seconds, or a date. A date is taken against the server's own, so that clocks may differ. */
    private static long retryAfterNanos(Response response) {
        String value = response.header("Retry-After");
        if (value == null) return 0;
        if (value.matches("\\d{1,9}")) return TimeUnit.SECONDS.toNanos(Long.parseLong(value));
        Instant at = response.headers().getInstant("Retry-After");
        if (at == null) return 0;
        Instant now = response.headers().getInstant("Date");
        if (now == null) now = Instant.ofEpochMilli(response.receivedResponseAtMillis());
        return at.isAfter(now) ? Duration.between(now, at).toNanos() : 0;
    }

    private String explain(IOException e) {
        switch (phases.phase()) {
            case DNS:
                if (e instanceof UnknownHostException)
                    return "host not found: " + call.request().url().host();
                break;
            case TCP:
                if (e instanceof ConnectException) return "connection refused or unreachable: " + e.getMessage();
                if (e instanceof NoRouteToHostException) return "no route to host: " + e.getMessage();
                if (e instanceof SocketTimeoutException) return "no answer to the TCP connect: " + e.getMessage();
                break;
            case TLS:
                if (e instanceof SSLException) return "TLS handshake failed: " + e.getMessage();
                if (e instanceof SocketTimeoutException) return "no answer to the TLS handshake";
                break;
            default:
                if (e instanceof SocketTimeoutException) return "no answer to the upgrade";
                if (e instanceof ProtocolException) return "upgrade answered with what is not HTTP: " + e.getMessage();
                if (e instanceof EOFException || e.getCause() instanceof EOFException) {
                    return "server closed the connection before it answered the upgrade";
                }
        }
        return Streams.describe(e);
    }
}

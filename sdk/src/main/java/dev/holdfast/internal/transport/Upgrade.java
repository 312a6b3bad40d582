package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    /** A server that wants us to wait longer is mistaken. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

    private static final String LINE_WITHOUT_END = "\\n not found: limit=";

    /** What a server says can be as long as it likes; what we repeat of it can't. */
    private static final int LONGEST_MESSAGE = 300;

    private final Call call;
    private final PhaseTracker phases = new PhaseTracker();
    private final @Nullable String subprotocol;
    private final ConnectionSettings settings;
    private final String key;

    private @Nullable PermessageDeflate deflate;

    /** @param subprotocol the one offered, which the server must select; null to offer what the request does */
    Upgrade(
            OkHttpClient client,
            Request request,
            @Nullable String subprotocol,
            ConnectionSettings settings,
            Random nonces) {
        byte[] nonce = new byte[KEY_BYTES];
        nonces.nextBytes(nonce);
        this.key = ByteString.of(nonce).base64();
        this.subprotocol = subprotocol;
        this.settings = settings;
        Request.Builder upgrade = request.newBuilder()
                .tag(PhaseTracker.class, phases)
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .header("Sec-WebSocket-Key", key)
                .header("Sec-WebSocket-Version", "13")
                .removeHeader("Sec-WebSocket-Extensions");
        String extension = PermessageDeflate.offer(settings.compression);
        if (extension != null) upgrade.header("Sec-WebSocket-Extensions", extension);
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

    /** What was agreed on compression, null if nothing was. Known once {@link #execute} has returned. */
    @Nullable
    PermessageDeflate deflate() {
        return deflate;
    }

    /**
     * Blocks until the server has answered. The socket is the caller's to close.
     *
     * @param onResponse is shown the answer, whatever it is, while its body is open
     */
    UpgradedSocket execute(Consumer<Response> onResponse) throws TransportException {
        Response response;
        try {
            response = call.execute();
        } catch (IOException e) {
            throw TransportException.of(phases.phase(), explain(e), e);
        }
        Socket socket = response.socket();
        if (socket == null) {
            try {
                onResponse.accept(response);
                // OkHttp would use the connection again. Not after a 101, and after a refusal the next attempt is to
                // reach whoever is there by then: behind a balancer that may be another server.
                phases.closeConnection();
                throw response.code() == 101 ? wrongConnection(response) : refusal(response);
            } finally {
                response.close();
            }
        }
        boolean accepted = false;
        try {
            onResponse.accept(response);
            check(response);
            accepted = true;
        } finally {
            if (!accepted) release(socket);
        }
        phases.upgraded();
        return upgraded(socket);
    }

    private UpgradedSocket upgraded(Socket socket) throws TransportException {
        try {
            return UpgradedSocket.of(socket, phases.plain(socket));
        } catch (IOException e) {
            release(socket);
            throw TransportException.of(Phase.SESSION, Streams.describe(e), e);
        }
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
            throw wrongConnection(response);
        }
        String accept = ByteString.encodeUtf8(key + ACCEPT_SUFFIX).sha1().base64();
        if (!accept.equals(single(response, "Sec-WebSocket-Accept"))) {
            throw violation("Sec-WebSocket-Accept is " + response.headers("Sec-WebSocket-Accept") + ", not " + accept);
        }
        try {
            deflate = PermessageDeflate.accept(
                    settings.compression, response.headers("Sec-WebSocket-Extensions"), settings.zlib);
        } catch (ProtocolException e) {
            throw violation(String.valueOf(e.getMessage()));
        }
        checkSubprotocol(response.headers("Sec-WebSocket-Protocol"));
    }

    private void checkSubprotocol(List<String> selected) throws TransportException {
        List<String> offered = new ArrayList<>();
        for (String header : call.request().headers("Sec-WebSocket-Protocol")) {
            for (String one : header.split(",", -1)) offered.add(one.trim());
        }
        // What the application offered in its own request the server may leave alone; what the session needs it may
        // not.
        boolean fits = selected.isEmpty()
                ? subprotocol == null
                : selected.size() == 1 && offered.contains(selected.get(0).trim());
        if (!fits) {
            throw violation("subprotocol " + (offered.isEmpty() ? "none" : String.join(", ", offered))
                    + " was offered, selected " + selected);
        }
    }

    private static @Nullable String single(Response response, String header) {
        List<String> values = response.headers(header);
        return values.size() == 1 ? values.get(0).trim() : null;
    }

    private static TransportException wrongConnection(Response response) {
        return violation("Connection is " + response.headers("Connection") + ", not Upgrade");
    }

    private static TransportException violation(String message) {
        return TransportException.of(Phase.UPGRADE, "upgrade answered wrongly: " + shortened(message), null);
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
        Duration wait = Duration.ZERO;
        if (value.matches("\\d{1,9}")) {
            wait = Duration.ofSeconds(Long.parseLong(value));
        } else {
            Instant at = response.headers().getInstant("Retry-After");
            Instant now = response.headers().getInstant("Date");
            if (now == null) now = Instant.ofEpochMilli(response.receivedResponseAtMillis());
            if (at != null && at.isAfter(now)) wait = Duration.between(now, at);
        }
        return (wait.compareTo(LONGEST_RETRY_AFTER) < 0 ? wait : LONGEST_RETRY_AFTER).toNanos();
    }

    /** What was waited for when the time was up. */
    String unanswered() {
        switch (phases.phase()) {
            case DNS:
                return "no answer from DNS";
            case TCP:
                return "no answer to the TCP connect";
            case TLS:
                return "no answer to the TLS handshake";
            default:
                return "no answer to the upgrade";
        }
    }

    private String explain(IOException e) {
        if (isTimeout(e)) return unanswered();
        switch (phases.phase()) {
            case DNS:
                if (e instanceof UnknownHostException)
                    return "host not found: " + call.request().url().host();
                return shortened(Streams.describe(e));
            case TCP:
                if (e instanceof ConnectException) return "connection refused or unreachable: " + e.getMessage();
                if (e instanceof NoRouteToHostException) return "no route to host: " + e.getMessage();
                return "TCP connect failed: " + shortened(Streams.describe(e));
            case TLS:
                return "TLS handshake failed: " + shortened(Streams.describe(e));
            default:
                return explainAnswer(e);
        }
    }

    private static boolean isTimeout(IOException e) {
        // The second is what OkHttp makes of its call timeout.
        return e instanceof SocketTimeoutException
                || (e instanceof InterruptedIOException && "timeout".equals(e.getMessage()));
    }

    private static String explainAnswer(IOException e) {
        String message = shortened(Streams.describe(e));
        if (e instanceof ProtocolException) {
            return message.startsWith("Too many follow-up requests")
                    ? "upgrade redirected too often: " + message
                    : "upgrade answered with what is not HTTP: " + message;
        }
        Throwable end = e instanceof EOFException ? e : e.getCause();
        if (end instanceof EOFException) {
            // Okio says no more of a line that does not end than how much of it there is.
            String line = String.valueOf(end.getMessage());
            return line.startsWith(LINE_WITHOUT_END) && !line.startsWith(LINE_WITHOUT_END + "0 ")
                    ? "answer to the upgrade breaks off, or has headers without end"
                    : "server closed the connection before it answered the upgrade";
        }
        if (e instanceof SocketException || e instanceof SSLException) {
            return "connection lost before the upgrade was answered: " + message;
        }
        return message;
    }

    /** As much of what a server says as fits a line of a log. */
    private static String shortened(String message) {
        String cut = message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "…";
        return cut.replaceAll("[\\s\\p{Cntrl}]+", " ");
    }
}

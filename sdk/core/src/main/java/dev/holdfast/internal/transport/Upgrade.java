package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.IOException;
import java.net.SocketException;
import java.util.Collections;
import java.util.Random;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import okio.Socket;
import org.jspecify.annotations.Nullable;

/** The opening handshake (RFC 6455 section 4.1): one HTTP call, the checks of the response, and the explanation of a failure. */
final class Upgrade {
    private static final int KEY_BYTES = 16;

    /** The read timeout before closing: with TLS 1.3, closing a socket first reads until the peer has ended its half. */
    private static final int CLOSE_TIMEOUT_MILLIS = 1;

    private final Call call;
    private final PhaseTracker phases;
    private final UpgradeFailures failures;
    private final Redirects redirects;
    private final @Nullable String subprotocol;
    private final ConnectionSettings settings;
    private final String key;

    private @Nullable PermessageDeflate deflate;
    /** The response that refused the upgrade. Its connection must be closed. */
    private @Nullable Response refusal;

    /**
     * @param client a new client is derived from it, which speaks only HTTP/1.1
     * @param subprotocol the one offered, which the server must select; null to offer what the request does
     */
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
        NoDelaySocketFactory sockets = new NoDelaySocketFactory(client.socketFactory());
        this.phases = new PhaseTracker(sockets);
        HandshakeSecrets tag = request.tag(HandshakeSecrets.class);
        HandshakeSecrets secrets = tag == null ? HandshakeSecrets.NONE : tag;
        if (subprotocol != null) secrets = secrets.offeringSubprotocol();
        this.redirects = new Redirects(client, settings.redirects, phases, secrets);
        this.failures = new UpgradeFailures(phases, redirects, request.url());
        Request.Builder upgrade = request.newBuilder()
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .header("Sec-WebSocket-Key", key)
                .header("Sec-WebSocket-Version", "13")
                .removeHeader("Sec-WebSocket-Extensions")
                .tag(HandshakeSecrets.class, null);
        String extension = PermessageDeflate.offer(settings.compression);
        if (extension != null) upgrade.header("Sec-WebSocket-Extensions", extension);
        if (subprotocol != null) upgrade.header("Sec-WebSocket-Protocol", subprotocol);
        this.call = client.newBuilder()
                // Later versions have no upgrade.
                .protocols(Collections.singletonList(Protocol.HTTP_1_1))
                // A cached response to an earlier request must not answer an upgrade.
                .cache(null)
                .socketFactory(sockets)
                .followRedirects(false)
                .authenticator(redirects.guard(client.authenticator()))
                .addInterceptor(redirects)
                .addNetworkInterceptor(phases::intercept)
                .build()
                .newCall(upgrade.build());
        call.addEventListener(phases);
    }

    /** Unblocks {@link #execute} and, later, the socket's streams. Safe from any thread. */
    void cancel() {
        call.cancel();
    }

    /**
     * Cancels like {@link #cancel}, but throws nothing. Exceptions of the application's event listener go to the thread's
     * uncaught exception handler.
     */
    void cancelReporting() {
        Uncaught.run(call::cancel);
    }

    /** Returns whether a redirect led to a server that must not get the secrets. Known once {@link #execute} has returned. */
    boolean areSecretsWithheld() {
        return redirects.areSecretsWithheld();
    }

    Phase phase() {
        return phases.phase();
    }

    /** Returns a phrase for what did not happen within a time limit. */
    String unanswered() {
        return failures.unanswered();
    }

    /** Returns the compression that was negotiated, null for none. Known once {@link #execute} has returned. */
    @Nullable
    PermessageDeflate deflate() {
        return deflate;
    }

    /**
     * Blocks until the server has answered. The caller closes the socket. After a failure, the caller reports it and then
     * calls {@link #discard}.
     *
     * @param onResponse receives the response, with any status, while its body is open
     */
    UpgradedSocket execute(ResponseHandler onResponse) throws TransportException {
        Response response = answer();
        Socket socket = response.socket();
        if (socket == null) {
            refusal = response;
            onResponse.accept(response);
            // OkHttp pools a connection as soon as the response has no body left. Reported first, the failure could
            // lead to
            // an attempt on the connection that is about to be closed.
            if (phases.isReleased()) closeUsed();
            throw response.code() == 101 ? failures.noSocket() : failures.refused(response, null);
        }
        boolean accepted = false;
        try {
            onResponse.accept(response);
            deflate = UpgradeAnswer.check(
                    response, key, call.request().headers("Sec-WebSocket-Protocol"), subprotocol, settings);
            accepted = true;
        } finally {
            if (!accepted) release(socket);
        }
        UpgradedSocket upgraded = upgraded(socket);
        phases.upgraded();
        return upgraded;
    }

    /** Receives the response to an upgrade. */
    interface ResponseHandler {
        /**
         * Handles the response.
         *
         * @throws TransportException if the connection has ended meanwhile
         */
        void accept(Response response) throws TransportException;
    }

    private Response answer() throws TransportException {
        try {
            return call.execute();
        } catch (IOException e) {
            throw failures.failed(e);
        } catch (RuntimeException | Error e) {
            throw failures.thrown(e);
        }
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
        cancelReporting();
        Streams.close(socket.getSource());
        Streams.close(socket.getSink());
    }

    /**
     * Closes the connection on which the server refused the upgrade, if there is one. OkHttp would keep it in its pool. After
     * a 101 it must not be used for HTTP, and after a refusal the server need not keep it.
     *
     * <p>May block for a moment: call it after reporting the failure.
     */
    void discard() {
        Response refused = refusal;
        if (refused == null) return;
        // Cancelling first keeps close from reading the rest of the body, which could block.
        cancelReporting();
        Streams.close(refused);
        Response answer = phases.answer();
        // An interceptor may have dropped the socket.
        Socket dropped = answer == null ? null : answer.socket();
        if (dropped != null) release(dropped);
        closeUsed();
    }

    private void closeUsed() {
        Connection used = phases.connection();
        if (used != null) close(used.socket());
    }

    private static void close(java.net.Socket socket) {
        try {
            socket.setSoTimeout(CLOSE_TIMEOUT_MILLIS);
        } catch (SocketException e) {
            // The socket is closed already.
        }
        Streams.close(socket);
    }
}

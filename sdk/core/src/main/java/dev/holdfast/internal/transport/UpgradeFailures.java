package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.text.Printable;
import dev.holdfast.internal.transport.PhaseTracker.Step;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.UnknownServiceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Explains why an opening handshake failed: which party, at which step, with which status. */
final class UpgradeFailures {
    private static final String LINE_WITHOUT_END = "\\n not found: limit=";
    private static final String TOO_MANY = "Too many follow-up requests";
    private static final Pattern TUNNEL_STATUS = Pattern.compile("Unexpected response code for CONNECT: (\\d{3})");

    private static final Pattern NO_PERMISSION = Pattern.compile("^socket failed: E(ACCES|PERM)\\b");

    private static final int UNAUTHORIZED = 401;
    private static final int PROXY_UNAUTHORIZED = 407;

    private final PhaseTracker phases;
    private final Redirects redirects;
    private final HttpUrl firstUrl;

    UpgradeFailures(PhaseTracker phases, Redirects redirects, HttpUrl firstUrl) {
        this.phases = phases;
        this.redirects = redirects;
        this.firstUrl = firstUrl;
    }

    private HttpUrl url() {
        HttpUrl last = phases.url();
        return last == null ? firstUrl : last;
    }

    // ---- responses ----

    /** Returns the failure for a response with another status than 101. */
    TransportException refused(Response response, @Nullable Throwable cause) {
        String redirected = redirects.refusal();
        if (redirected != null) return refused(response, redirected, cause);
        int status = response.code();
        return refused(response, "upgrade refused with HTTP " + status + contentType(response), cause);
    }

    private TransportException refused(Response response, String message, @Nullable Throwable cause) {
        long retryAfter = RetryAfter.nanos(response);
        return TransportException.refused(
                response.code(), retryAfter, message + RetryAfter.describe(retryAfter) + forwarded(), cause);
    }

    private static String contentType(Response response) {
        MediaType type = response.body().contentType();
        return type == null ? "" : " (" + Printable.value(type.type() + "/" + type.subtype()) + ")";
    }

    /** A proxy that does not know the Upgrade header strips it, and the server then receives an ordinary request. */
    private String forwarded() {
        Response answer = phases.answer();
        if (answer == null || !phases.isForwarded(answer.request())) return "";
        return "; the request went through the " + describe(phases.proxy())
                + ", which may not forward upgrades: use wss://, which goes through it in a tunnel";
    }

    /**
     * Returns the failure for a 101 without a socket. OkHttp provides one if the request's and the last of the response's
     * Connection header lines are exactly "Upgrade". It decides so behind every interceptor.
     */
    TransportException noSocket() {
        Response answer = phases.answer();
        if (answer == null) return violation("an interceptor of the OkHttpClient answered with HTTP 101");
        if (answer.socket() != null) {
            return violation(
                    "an interceptor of the OkHttpClient replaced the response to the upgrade, and dropped its socket");
        }
        String asked = answer.request().headers("Connection").toString();
        if (!asked.equalsIgnoreCase("[Upgrade]")) {
            return violation("an interceptor of the OkHttpClient changed the request's Connection header to "
                    + Printable.value(asked) + ", so that OkHttp did not upgrade");
        }
        String received = Printable.value(answer.headers("Connection").toString());
        if (!UpgradeAnswer.hasToken(answer.headers("Connection"), "upgrade")) {
            return violation("Connection is " + received + ", not Upgrade");
        }
        return violation("Connection is " + received + " where the request has " + asked
                + ": OkHttp upgrades only if the last Connection line of the answer is exactly Upgrade");
    }

    static TransportException violation(String message) {
        return TransportException.of(Phase.UPGRADE, "invalid response to the upgrade: " + message, null);
    }

    // ---- exceptions ----

    /** Returns the failure for an unchecked exception or error of the call. */
    TransportException thrown(Throwable thrown) {
        Response answer = phases.answer();
        if (answer != null
                && answer.code() != 101
                && thrown instanceof RuntimeException
                && !redirects.hasThrown(thrown)) {
            // OkHttp throws these for headers that it can't read. A server's response must not stop the client for
            // good.
            return refused(
                    answer,
                    "upgrade refused with HTTP " + answer.code() + ", and the answer could not be handled: "
                            + Printable.value(thrown.toString()),
                    thrown);
        }
        return TransportException.thrown(phases.phase(), thrown);
    }

    TransportException failed(IOException e) {
        Response answer = phases.answer();
        if (answer != null && e instanceof ProtocolException && describe(e).startsWith(TOO_MANY)) {
            return refused(answer, repeated(answer.code()), e);
        }
        if (isForbidden(e)) {
            return TransportException.of(
                    Phase.CONFIGURATION,
                    "the platform or the OkHttpClient forbids the connection to " + target() + ": "
                            + Printable.value(describe(e)),
                    e);
        }
        Step step = step(e);
        return TransportException.of(step.phase, explain(step, e), e);
    }

    /**
     * Returns whether the platform or the client forbids the connection. OkHttp throws UnknownServiceException for cleartext
     * that Android's network security policy or the client's connection specs forbid, and for TLS settings that no socket
     * supports. Android's sockets fail with EACCES or EPERM if the application lacks the INTERNET permission and the host name
     * was resolved already.
     */
    private static boolean isForbidden(IOException e) {
        return e instanceof UnknownServiceException
                || NO_PERMISSION.matcher(describe(e)).find();
    }

    private String repeated(int status) {
        String times = "upgrade refused with HTTP " + status + ", " + phases.sameAnswers() + " times in a row: ";
        if (status == UNAUTHORIZED) return times + "the server accepts no answer of the OkHttpClient's authenticator";
        if (status == PROXY_UNAUTHORIZED) {
            return times + "the proxy accepts no answer of the OkHttpClient's proxyAuthenticator";
        }
        return times + "OkHttp asks no more";
    }

    /** Returns the step that failed. After several routes OkHttp throws the exception of the first; the tracker has the last. */
    private Step step(IOException e) {
        Step step = phases.step();
        if (step == Step.INTERCEPTORS) return step;
        if (e instanceof UnknownHostException || isUnknownSocksHost(step, e)) return Step.DNS;
        return e instanceof ConnectException ? Step.TCP : step;
    }

    /** Java resolves the name itself, and throws a SocketException whose message is the name. */
    private boolean isUnknownSocksHost(Step step, IOException e) {
        Proxy proxy = phases.proxy();
        if (step != Step.TCP || proxy == null || proxy.type() != Proxy.Type.SOCKS) return false;
        InetSocketAddress address = (InetSocketAddress) proxy.address();
        return address.isUnresolved() && address.getHostString().equals(e.getMessage());
    }

    /** Returns a phrase for what did not happen within a time limit. */
    String unanswered() {
        return unanswered(phases.step());
    }

    private String unanswered(Step step) {
        switch (step) {
            case INTERCEPTORS:
                return "no connection was asked for: an interceptor of the OkHttpClient has not returned";
            case PROXY_SELECTION:
                return "no answer from the OkHttpClient's proxySelector";
            case DNS:
                return "no answer from DNS";
            case TCP:
                return "no answer to the TCP connect" + toProxy() + localNetwork(null);
            case TUNNEL:
                return describe(phases.proxy()) + " did not answer CONNECT " + target();
            case TLS:
                return "no answer to the TLS handshake";
            default:
                return "no answer to the upgrade" + forwarded();
        }
    }

    private String explain(Step step, IOException e) {
        if (isTimeout(e)) return unanswered(step);
        String message = Printable.value(describe(e));
        switch (step) {
            case INTERCEPTORS:
                return "an interceptor of the OkHttpClient failed before a connection was made: " + message;
            case PROXY_SELECTION:
                return "the OkHttpClient's proxySelector failed: " + message;
            case DNS:
                return e instanceof UnknownHostException || phases.step() == Step.TCP
                        ? unknownHost()
                        : "DNS lookup failed: " + message;
            case TCP:
                return unreached(e) + toProxy() + ": " + message + localNetwork(e);
            case TUNNEL:
                return tunnel(message);
            case TLS:
                return "TLS handshake failed: " + message;
            default:
                return answer(e, message) + forwarded();
        }
    }

    private static String unreached(IOException e) {
        if (e instanceof ConnectException) return "connection refused or unreachable";
        return e instanceof NoRouteToHostException ? "no route to host" : "TCP connect failed";
    }

    private String localNetwork(@Nullable IOException e) {
        return LocalNetworkHint.of(phases.address(), e, LocalNetworkHint.isAndroid());
    }

    private String unknownHost() {
        String name = phases.lookedUp();
        Proxy proxy = phases.proxy();
        if (name == null && proxy != null) return "host of the " + describe(proxy) + " not found";
        if (name == null || name.equals(url().host())) {
            String host = url().host();
            return "host not found: " + host + LocalNetworkHint.ofUnknownHost(host, LocalNetworkHint.isAndroid());
        }
        return "host of the proxy not found: " + name + " (on the way to " + url().host() + ")";
    }

    private String tunnel(String message) {
        String proxy = describe(phases.proxy());
        Matcher status = TUNNEL_STATUS.matcher(message);
        if (status.find()) return proxy + " refused CONNECT " + target() + " with HTTP " + status.group(1);
        if (message.startsWith("Failed to authenticate with proxy")) {
            return proxy + " refused CONNECT " + target()
                    + " with HTTP 407, and the OkHttpClient's proxyAuthenticator has no answer";
        }
        if (message.startsWith("Too many tunnel connections")) {
            return proxy + " refused CONNECT " + target()
                    + " with HTTP 407 again and again: it accepts no answer of the OkHttpClient's proxyAuthenticator";
        }
        return proxy + " failed during CONNECT " + target() + ": " + message;
    }

    private String toProxy() {
        Proxy proxy = phases.proxy();
        return proxy == null ? "" : " through the " + describe(proxy);
    }

    private String target() {
        return url().host() + ":" + url().port();
    }

    private static String describe(@Nullable Proxy proxy) {
        if (proxy == null || !(proxy.address() instanceof InetSocketAddress)) return "proxy";
        InetSocketAddress address = (InetSocketAddress) proxy.address();
        return proxy.type() + " proxy " + address.getHostString() + ":" + address.getPort();
    }

    private static String describe(IOException e) {
        return Streams.describe(e);
    }

    private static boolean isTimeout(IOException e) {
        // The second is the exception of OkHttp's call timeout.
        return e instanceof SocketTimeoutException
                || (e instanceof InterruptedIOException && "timeout".equals(e.getMessage()));
    }

    private static String answer(IOException e, String message) {
        if (e instanceof ProtocolException) return "response to the upgrade is not HTTP: " + message;
        Throwable end = e instanceof EOFException ? e : e.getCause();
        if (end instanceof EOFException) {
            // Okio's message for a line without an end contains only its length.
            String line = String.valueOf(end.getMessage());
            return line.startsWith(LINE_WITHOUT_END) && !line.startsWith(LINE_WITHOUT_END + "0 ")
                    ? "answer to the upgrade breaks off, or has headers without end"
                    : "server closed the connection before it answered the upgrade";
        }
        if (e instanceof SocketException || e instanceof SSLException) {
            return "connection lost before the upgrade was answered: " + message;
        }
        return "the call failed before the upgrade was answered: " + message;
    }
}

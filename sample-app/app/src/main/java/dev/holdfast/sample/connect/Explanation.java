package dev.holdfast.sample.connect;

import dev.holdfast.ConnectionFailure;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * An explanation of why a connection could not be made or was lost, in a sentence for readers who have not read RFC
 * 6455.
 */
public final class Explanation {
    private final HttpUrl url;
    /** The host that the client connects to first. */
    private final String host;

    private final int port;

    /**
     * Creates explanations for failures to connect to a server.
     *
     * @param proxy the proxy in between; null for none
     */
    public Explanation(HttpUrl url, @Nullable URI proxy) {
        this.url = url;
        host = proxy == null ? url.host() : proxy.getHost();
        port = proxy == null ? url.port() : proxy.getPort();
    }

    /** Returns a sentence about a failure, without what happens next. */
    public String of(ConnectionFailure failure) {
        return switch (failure.phase()) {
            case CONFIGURATION -> "This application cannot connect: " + failure.message() + ".";
            case CREDENTIAL -> "No credential could be had: " + failure.message() + ".";
            case ENDPOINT -> "No endpoint could be had: " + failure.message() + ".";
            case DNS -> "No address was found for " + host + ": is the name spelt right, and is there a network?";
            case TCP -> tcp(failure);
            case TLS -> tls(failure);
            case UPGRADE -> upgrade(failure);
            case OPEN ->
                failure.closeCode() != 0
                        ? closed(failure)
                        : "The server took the connection but opened no session: " + failure.message() + ".";
            case SESSION ->
                failure.closeCode() != 0 ? closed(failure) : "The connection was lost: " + failure.message() + ".";
            case STORAGE -> "The client could not store its session: " + failure.message() + ".";
            case INTERNAL -> "The client has failed, and has ended: " + failure.message() + ".";
        };
    }

    private String tcp(ConnectionFailure failure) {
        for (Throwable cause = failure.cause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException)
                return host + ", port " + port + ", does not answer: a firewall may be in between.";
            if (cause instanceof ConnectException)
                return "Nobody listens at " + host + ", port " + port + ": is the port right, and is the server up?";
        }
        return "No connection to " + host + ", port " + port + ": " + failure.message() + ".";
    }

    private String tls(ConnectionFailure failure) {
        if (failure.message().contains("SSL message")) {
            return "The server does not speak TLS on port " + url.port() + ": try ws:// in place of wss://.";
        }
        for (Throwable cause = failure.cause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLPeerUnverifiedException)
                return "The server's certificate is for another host than " + url.host() + ".";
            if (cause instanceof CertificateExpiredException) return "The server's certificate has expired.";
            if (cause instanceof CertPathBuilderException)
                return "The certificate of " + url.host()
                        + " is signed by itself or by an authority that this computer does not trust.";
        }
        return "No secure connection with " + url.host() + " could be agreed on: " + failure.message() + ".";
    }

    private String upgrade(ConnectionFailure failure) {
        int status = failure.httpStatus();
        String answer = switch (status) {
            case 0 -> "What answers there does not speak WebSocket as it should: " + failure.message();
            case 200 -> "There is a web page at " + url.encodedPath() + " and not a WebSocket";
            case 301, 302, 303, 307, 308 -> "The WebSocket has moved to another URL, and redirects are not followed";
            case 400 -> "The server did not like the request: it may want a subprotocol or a header";
            case 401 ->
                "The server wants to know who you are: a header such as Authorization may be missing or out of date";
            case 403 -> "The server knows enough and does not let you in; a wrong Origin header is a common reason";
            case 404 -> "There is no WebSocket at " + url.encodedPath() + ": is the path right?";
            case 407 -> "The proxy wants a user name and a password";
            case 426 ->
                "The server wants another protocol: it may want a subprotocol, or a proxy lets no WebSocket through";
            case 429 -> "The server finds that these are too many attempts";
            default -> status >= 500 ? "The server is not well" : "The server refused";
        };
        return answer + (status == 0 ? "." : " (HTTP " + status + ").");
    }

    private static String closed(ConnectionFailure failure) {
        int code = failure.closeCode();
        String why = switch (code) {
            case 1000 -> "The server is done and closed the connection";
            case 1001, 1012 -> "The server is going away or restarts";
            case 1009, 4413 -> "A message was too large for the server";
            case 1011 -> "Something went wrong in the server";
            case 1013, 4429 -> "The server has too much to do";
            case 4401 -> "The credential is missing or has expired";
            case 4403 -> "The server does not let you in";
            case 4409 -> "A newer connection took the session over";
            default -> "The server closed the connection";
        };
        return why + " (close " + code + ": " + failure.message() + ").";
    }
}

package dev.holdfast.sample.model;

import dev.holdfast.ConnectionFailure;
import okhttp3.HttpUrl;

/** A failure in a sentence that a person understands who has not read RFC 6455. */
final class Explanation {
    private Explanation() {}

    static String of(ConnectionFailure failure, HttpUrl url) {
        String place = url.host() + ", port " + url.port();
        return switch (failure.phase()) {
            case CREDENTIAL -> "There is no credential to connect with: " + failure.message() + ".";
            case DNS ->
                "No host is known by the name of " + url.host() + ". Is it spelt right, and is there a network?";
            case TCP -> "Nobody answers at " + place + ". Does the server run, and does a firewall let you through?";
            case TLS -> tls(failure, url);
            case UPGRADE -> failure.httpStatus() == 0 ? handshake(failure, place) : status(failure.httpStatus(), url);
            case OPEN -> "The server took the connection and did not open a session: " + failure.message() + ".";
            case SESSION -> closed(failure);
        };
    }

    private static String tls(ConnectionFailure failure, HttpUrl url) {
        return "No secure connection could be made with " + url.host()
                + ": its certificate is not trusted here, or it does not speak TLS at port " + url.port() + " ("
                + failure.message() + ").";
    }

    private static String handshake(ConnectionFailure failure, String place) {
        return "Something answers at " + place + ", but not as a WebSocket server does: " + failure.message() + ".";
    }

    private static String status(int status, HttpUrl url) {
        String server = url.host() + " answered HTTP " + status + ": ";
        return server
                + switch (status) {
                    case 200 -> "it is a web server, and serves an ordinary page at " + url.encodedPath() + ".";
                    case 301, 302, 307, 308 -> "it wants to be asked at another address.";
                    case 400 -> "it did not like the request. It may want a subprotocol or a header.";
                    case 401 -> "it wants to know who you are. Add an Authorization header.";
                    case 403 -> "it does not let you in. It may want another Origin or other credentials.";
                    case 404 -> "there is nothing at " + url.encodedPath() + ". Is the path right?";
                    case 407 -> "the proxy wants to know who you are.";
                    case 426 -> "it wants another protocol. A proxy on the way may not let WebSockets through.";
                    case 429 -> "it has had too many requests; it will be tried again later.";
                    case 502, 503, 504 -> "the server behind it is not available now.";
                    default -> "it refused the WebSocket.";
                };
    }

    private static String closed(ConnectionFailure failure) {
        return failure.closeCode() == 0
                ? "The connection broke: " + failure.message() + "."
                : "The server closed the connection: " + failure.message() + ".";
    }
}

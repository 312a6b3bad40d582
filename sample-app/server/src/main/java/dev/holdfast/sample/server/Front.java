package dev.holdfast.sample.server;

import java.security.KeyStore;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a server shows to the network.
 *
 * @param host the address to listen at; {@code 0.0.0.0} for all addresses of this machine
 * @param certificate the certificate and its key, without a password; null for no TLS
 * @param accessLog takes a line for each connection and each refused or plain HTTP request; called on I/O threads, must
 *     not block
 * @param bindPatience the time to wait for a port that is taken
 */
public record Front(String host, @Nullable KeyStore certificate, Consumer<String> accessLog, Duration bindPatience) {
    /** The loopback interface without TLS or access log, and five seconds of patience. */
    public static final Front LOCAL = new Front("127.0.0.1", null, line -> {}, Duration.ofSeconds(5));

    /** Returns the origin that pages of this server have, for a host as a browser sees it. */
    String origin(String name, int port) {
        return (certificate == null ? "http://" : "https://") + bracketed(name) + ":" + port;
    }

    /** Returns the URL of a path. An address that means all addresses is replaced by one of them. */
    String url(int port, String path) {
        String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return (certificate == null ? "ws://" : "wss://") + bracketed(name) + ":" + port + path;
    }

    private static String bracketed(String name) {
        return name.indexOf(':') < 0 ? name : "[" + name + "]";
    }
}

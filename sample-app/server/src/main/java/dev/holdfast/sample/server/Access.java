package dev.holdfast.sample.server;

import dev.holdfast.server.ServerConnection;
import dev.holdfast.server.ServerSession;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The line of one request in the access log. It has no query, header or key: they may be secret.
 *
 * <p>{@code 2026-11-28T12:00:00.123Z 127.0.0.1:51234 GET /live 101 user=alice session=x9 resumed=true received=12
 * sent=30 close=1001 3.204s}
 */
final class Access {
    /** What would end a line or a word, or act on a screen. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[^!-~]");

    private static final int MAX_WORD = 200;
    private static final int FORBIDDEN = 403;

    private final Consumer<String> log;
    private final Instant begin = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final long beginNanos = System.nanoTime();
    private final String request;

    Access(Consumer<String> log, Request request) {
        this.log = log;
        this.request = remote(request) + " " + word(request.getMethod()) + " "
                + word(request.getHttpURI().getPath());
    }

    private static String remote(Request request) {
        return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress() + ":" + address.getPort()
                : "-";
    }

    /** Returns a text of a client as one word of a line. */
    static String word(String text) {
        String word = UNPRINTABLE.matcher(text).replaceAll("?");
        return word.isEmpty() ? "-" : word.length() > MAX_WORD ? word.substring(0, MAX_WORD) : word;
    }

    /** Prints the line of a request that was answered without a WebSocket. */
    void answered(int status, String detail) {
        log.accept(begin + " " + request + " " + status + (detail.isEmpty() ? "" : " " + detail));
    }

    /** Prints the line of a request that was refused. */
    void refused(int status, @Nullable String origin) {
        answered(status, status == FORBIDDEN && origin != null ? "origin=" + word(origin) : "");
    }

    /** Prints the line of a connection that has ended, with the status of the answer that began it. */
    void closed(ServerConnection connection, String carrier, int status, int closeCode) {
        ServerSession session = connection.session();
        String whose = session == null
                ? "user=- session=- resumed=false"
                : "user=" + word(session.user()) + " session=" + session.sid() + " resumed=" + connection.hasResumed();
        String detail = whose + " received=" + connection.received() + " sent=" + connection.sent() + carrier;
        Duration lasted = Duration.ofNanos(System.nanoTime() - beginNanos);
        log.accept(begin + " " + request + " " + status + " " + detail + " close=" + closeCode
                + String.format(Locale.ROOT, " %.3fs", (double) lasted.toMillis() / 1000));
    }
}

package dev.holdfast.sample.connect;

import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/** A parser of the command line. */
final class ConnectArguments {
    private final Deque<String> rest;
    private final Headers.Builder headers = new Headers.Builder();
    private @Nullable String url;
    private String session = "none";
    private @Nullable String pointer;
    private @Nullable String sinceQuery;
    private @Nullable String sinceHeader;
    private @Nullable String sinceMessage;
    private boolean json;
    private @Nullable URI proxy;
    private int attempts;
    private @Nullable Duration linger;

    ConnectArguments(String... args) {
        rest = new ArrayDeque<>(List.of(args));
    }

    ConnectOptions parse() {
        for (String arg = rest.poll(); arg != null; arg = rest.poll()) {
            switch (arg) {
                case "-H", "--header" -> Handshake.addHeader(headers, value(arg));
                case "-s", "--subprotocol" -> headers.add("Sec-WebSocket-Protocol", value(arg));
                case "--session" -> session = value(arg);
                case "--pointer" -> pointer = value(arg);
                case "--since-query" -> sinceQuery = value(arg);
                case "--since-header" -> sinceHeader = value(arg);
                case "--since-message" -> sinceMessage = value(arg);
                case "--json" -> json = true;
                case "--proxy" -> proxy = Proxies.parse(value(arg));
                case "--attempts" -> attempts = number(arg);
                case "--linger" -> linger = Duration.ofSeconds(number(arg));
                default -> url(arg);
            }
        }
        if (url == null) throw new IllegalArgumentException("connect wants a URL");
        return new ConnectOptions(url, headers.build(), session(), json, proxy, attempts, linger);
    }

    private void url(String arg) {
        if (arg.startsWith("-")) throw new IllegalArgumentException("unknown option " + arg);
        if (url != null) throw new IllegalArgumentException("one URL only, not " + arg + " as well");
        url = arg;
    }

    private Session session() {
        boolean since = pointer != null || sinceQuery != null || sinceHeader != null || sinceMessage != null;
        if (since && !session.equals("last-id")) {
            throw new IllegalArgumentException("--pointer and --since-… are for --session last-id");
        }
        return switch (session) {
            case "none" -> Session.none();
            case "resume" -> Session.resumable();
            case "last-id" -> lastId();
            default -> throw new IllegalArgumentException("--session is none, resume or last-id, not " + session);
        };
    }

    private Session lastId() {
        ResumeFrom.Pointer id = ResumeFrom.jsonPointer(pointer == null ? "/id" : pointer);
        if (sinceQuery != null) return Session.resumeFrom(id.inQuery(sinceQuery));
        if (sinceHeader != null) return Session.resumeFrom(id.inHeader(sinceHeader));
        String message = sinceMessage;
        if (message != null) return Session.resumeFrom(id.firstMessage(last -> message.replace("{id}", last)));
        throw new IllegalArgumentException("last-id wants one of --since-query, --since-header, --since-message");
    }

    private String value(String option) {
        String value = rest.poll();
        if (value == null) throw new IllegalArgumentException(option + " wants a value");
        return value;
    }

    private int number(String option) {
        String value = value(option);
        try {
            int number = Integer.parseInt(value);
            if (number > 0) return number;
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new IllegalArgumentException(option + " wants a number above 0, not " + value);
    }
}

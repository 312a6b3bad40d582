package dev.holdfast.sample.connect;

import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import okhttp3.Headers;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code connect}: a client for any WebSocket server, at a terminal or in a pipe. */
@Command(
        name = "connect",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Sends lines to a WebSocket server and prints the messages it receives.",
            "Messages go to standard output, everything else to standard error, both in UTF-8. When the input ends, it waits"
                    + " until everything is sent, and closes.",
            "At a terminal, /help lists the commands."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the connection ended from here, or by the server with --once, and every line was sent",
            "1:there was no connection or no more of them, a line was not sent, or nobody reads the output",
            "2:the arguments are wrong",
            "130, 143:SIGINT or SIGTERM; the connection was closed"
        })
public final class ConnectCommand implements Callable<Integer> {
    private static final String PROTOCOLS = "Sec-WebSocket-Protocol";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "URL", description = "The server, ws:// or wss://. A user in it is sent as with --user.")
    private String url = "";

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "Adds a header to the handshake. May be repeated.")
    private List<String> headers = List.of();

    @Option(
            names = {"-s", "--subprotocol"},
            paramLabel = "NAME",
            split = ",",
            description = "Offers subprotocols, of which the server must select one. May be repeated.")
    private List<String> subprotocols = List.of();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "NAME:PASSWORD",
            description = "Sends a user name and a password (HTTP Basic).")
    private @Nullable String user;

    @Option(
            names = "--session",
            paramLabel = "KIND",
            defaultValue = "none",
            description = "none: reconnects, and no more. resume: resume.v1.json, nothing is lost or comes twice."
                    + " last-id: continues after the last message's id. Default: ${DEFAULT-VALUE}.")
    private String session = "none";

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            description = "Speaks socketio, stomp, graphql or jsonrpc in lines: /help says how they look.")
    private @Nullable String protocol;

    @Option(
            names = "--stomp-header",
            paramLabel = "'NAME: VALUE'",
            description = "For stomp: adds a header to CONNECT, as 'host: /' for RabbitMQ. May be repeated.")
    private List<String> stompHeaders = List.of();

    @Option(
            names = "--pointer",
            paramLabel = "POINTER",
            description = "For last-id: the JSON pointer of a message's id. Default: /id.")
    private @Nullable String pointer;

    @Option(names = "--since-query", paramLabel = "NAME", description = "For last-id: sends the id in the URL's query.")
    private @Nullable String sinceQuery;

    @Option(names = "--since-header", paramLabel = "NAME", description = "For last-id: sends the id in a header.")
    private @Nullable String sinceHeader;

    @Option(
            names = "--since-message",
            paramLabel = "TEXT",
            description = "For last-id: sends this message first, with the id in place of {id}.")
    private @Nullable String sinceMessage;

    @ArgGroup
    private Kind kind = new Kind();

    /** At most one of these. */
    private static final class Kind {
        @Option(names = "--json", description = "Sends each line as the JSON value it is.")
        private boolean json;

        @Option(
                names = "--binary",
                description = "Sends each line as a binary message, and prints binary messages as they are.")
        private boolean binary;

        @Option(
                names = "--hex",
                description = "Sends each line, in hexadecimal digits, as a binary message, and prints them so.")
        private boolean hex;

        LineKind lines() {
            if (json) return LineKind.JSON;
            if (binary) return LineKind.BINARY;
            return hex ? LineKind.HEX : LineKind.TEXT;
        }
    }

    @Option(
            names = "--max-message",
            paramLabel = "BYTES",
            defaultValue = "16777216",
            description = "Maximum size of a message from the server. Default: ${DEFAULT-VALUE}.")
    private long maxMessage;

    @Option(
            names = "--once",
            description =
                    "Exits when the server closes with 1000. The end of the input ends nothing then. Lines that have come"
                            + " and cannot be sent any more make the exit code 1.")
    private boolean once;

    @Option(names = "--retry", description = "Retries too if the first connection cannot be made.")
    private boolean retry;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            description =
                    "Gives up after N failed attempts in a row to reconnect; 0: never reconnects. Default: no limit.")
    private @Nullable Integer attempts;

    @Option(
            names = "--linger",
            paramLabel = "SECONDS",
            description = "Stays connected for this long after the input's end. Default: 0; with --once no limit.")
    private @Nullable Integer linger;

    @Option(
            names = {"-L", "--location"},
            description = "Follows redirects, and names them. Headers of yours are not sent to another server.")
    private boolean follow;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = "[http://[user:password@]]host:port or socks://host:port.")
    private @Nullable String proxy;

    @Option(names = "--ca", paramLabel = "FILE", description = "PEM file of certificates to trust as well.")
    private @Nullable Path ca;

    @Option(names = "--cert", paramLabel = "FILE", description = "PEM file of the certificate to present.")
    private @Nullable Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "PEM file of the private key of --cert (PKCS #8). Default: in the file of --cert.")
    private @Nullable Path key;

    @Option(
            names = {"-k", "--insecure"},
            description = "Accepts any certificate of the server: anyone in between can read and change everything.")
    private boolean insecure;

    private ConnectCommand() {}

    static ConnectOptions parse(String... args) {
        ConnectCommand command = new ConnectCommand();
        try {
            new CommandLine(command).parseArgs(args);
        } catch (ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return command.options();
    }

    @Override
    public Integer call() {
        Connect connect;
        Terminal terminal = Terminal.ofThisProcess();
        try {
            connect = new Connect(options(), terminal);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        return connect.runInProcess();
    }

    private ConnectOptions options() {
        return new ConnectOptions(
                request(),
                subprotocols,
                session(),
                dialect(),
                stompHeaders(),
                kind.lines(),
                proxy == null ? null : Proxies.parse(proxy),
                retry,
                attempts == null ? null : atLeast("--attempts", attempts, 0),
                once,
                follow,
                atLeast("--max-message", maxMessage, 1),
                linger == null ? null : Duration.ofSeconds(atLeast("--linger", linger, 0)),
                trust());
    }

    private Request request() {
        Headers.Builder all = new Headers.Builder();
        for (String header : headers) {
            Handshake.addHeader(all, header);
        }
        for (String subprotocol : subprotocols) {
            if (!Handshake.isToken(subprotocol)) {
                throw new IllegalArgumentException("A subprotocol is a word without spaces, but was: " + subprotocol);
            }
        }
        if (!subprotocols.isEmpty()) all.add(PROTOCOLS, String.join(", ", subprotocols));
        return Handshake.withUser(Handshake.request(url, all.build()), user);
    }

    private ConnectOptions.Trust trust() {
        if (key != null && certificate == null) throw new IllegalArgumentException("--key needs --cert");
        return new ConnectOptions.Trust(insecure, ca, certificate, key);
    }

    private @Nullable Dialect dialect() {
        if (protocol == null) return null;
        if (!session.equals("none")) {
            throw new IllegalArgumentException(
                    "--protocol " + protocol + " has a session of its own, without --session");
        }
        if (kind.lines() != LineKind.TEXT) {
            throw new IllegalArgumentException("--protocol " + protocol + " has lines of its own, without --"
                    + kind.lines().toString().toLowerCase(Locale.ROOT));
        }
        if (!subprotocols.isEmpty()) {
            throw new IllegalArgumentException("--protocol " + protocol + " offers its own subprotocol, without -s");
        }
        return Dialect.of(protocol);
    }

    private Map<String, String> stompHeaders() {
        if (!stompHeaders.isEmpty() && !Dialect.STOMP.toString().equals(protocol)) {
            throw new IllegalArgumentException("--stomp-header needs --protocol stomp");
        }
        return StompHeaders.parse(stompHeaders);
    }

    private Session session() {
        boolean since = pointer != null || sinceQuery != null || sinceHeader != null || sinceMessage != null;
        if (since && !session.equals("last-id")) {
            throw new IllegalArgumentException("--pointer and --since-... need --session last-id");
        }
        return switch (session) {
            case "none" -> Session.none();
            case "resume" -> Session.resumable();
            case "last-id" -> lastId();
            default ->
                throw new IllegalArgumentException("--session must be none, resume or last-id, but was " + session);
        };
    }

    private Session lastId() {
        ResumeFrom.Place id = ResumeFrom.jsonPointer(pointer == null ? "/id" : pointer);
        if (sinceQuery != null) return Session.resumeFrom(id.inQuery(sinceQuery));
        if (sinceHeader != null) return Session.resumeFrom(id.inHeader(sinceHeader));
        String message = sinceMessage;
        if (message != null) return Session.resumeFrom(id.firstMessage(last -> message.replace("{id}", last)));
        throw new IllegalArgumentException(
                "--session last-id needs one of --since-query, --since-header and --since-message");
    }

    private static int atLeast(String option, int value, int min) {
        return Math.toIntExact(atLeast(option, (long) value, min));
    }

    private static long atLeast(String option, long value, int min) {
        if (value >= min) return value;
        throw new IllegalArgumentException(option + " must be at least " + min + ", but was " + value);
    }
}

package dev.holdfast.sample.node;

import dev.holdfast.sample.server.Front;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.SignedTokens;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.RateLimit;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code server}, which runs the reference server until its process ends. The server gives every message the
 * same answer, exactly once. With {@code --conformance} it is ready for the conformance suite.
 */
@Command(
        name = "server",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Runs a server that speaks resume.v1.json at /live and answers each message with the same message.",
            "A browser finds a page at / that talks to it, and /health says whether it is up. The access log goes to standard"
                    + " output, a line for each connection at its end.",
            "On SIGTERM and SIGINT it listens no more, asks its clients to resume elsewhere, and closes the others with 1012."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:the server cannot start",
            "2:the arguments are wrong",
            "130, 143:SIGINT or SIGTERM; all connections were closed"
        })
public final class ServeCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    /** A day: the protocol knows no longer durations. */
    private static final int MAX_SECONDS = 86_400;

    /** What a port is waited for, for example that of a server that was just killed. */
    private static final Duration BIND_PATIENCE = Duration.ofSeconds(1);

    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "Port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen at; 0.0.0.0 for all of this machine. Default: ${DEFAULT-VALUE}.")
    private String bind = "";

    @Option(names = "--cert", paramLabel = "FILE", description = "PEM file of the certificate, for TLS. Needs --key.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "PEM file of its private key (PKCS #8).")
    private @Nullable Path key;

    @Option(
            names = "--origin",
            paramLabel = "URL",
            description = "Origin of web pages that may connect, beside the server's own. May be repeated.")
    private Set<String> origins = Set.of();

    @Option(
            names = "--secret",
            paramLabel = "TEXT",
            defaultValue = "${env:HOLDFAST_SECRET}",
            description =
                    "Admits only clients with a token that is signed with this secret. Other users of this machine can"
                            + " read arguments: prefer the variable HOLDFAST_SECRET.")
    private @Nullable String secret;

    @Option(
            names = "--token",
            paramLabel = "USER",
            description = "Prints a token for a user that the secret signs, good for an hour, and exits.")
    private @Nullable String token;

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long a session outlives its connection. Default: ${DEFAULT-VALUE}.")
    private int ttl;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "How long clients may take to leave when the server stops. Default: ${DEFAULT-VALUE}.")
    private int drain;

    @Option(
            names = "--log",
            paramLabel = "ADDRESS",
            defaultValue = SessionStore.MEMORY,
            description = "Where sessions are kept: memory, or redis://host:port/number. Default: ${DEFAULT-VALUE}.")
    private String log = SessionStore.MEMORY;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Messages a second that a client may send. Default: no limit.")
    private @Nullable Integer rate;

    @Option(
            names = "--conformance",
            description = "Runs the application that the conformance suite talks to, with short-lived sessions.")
    private boolean conformance;

    @Option(names = "--quiet", description = "Prints no access log.")
    private boolean quiet;

    ServeCommand() {}

    static ServeOptions parse(String... args) {
        ServeCommand command = new ServeCommand();
        try {
            new CommandLine(command).parseArgs(args);
        } catch (ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return command.options();
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            String user = token;
            if (user != null) return print(user);
            return run(options());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private int print(String user) {
        System.out.println(tokens().issue(user, TOKEN_LIFE));
        return ExitCode.OK;
    }

    private SignedTokens tokens() {
        if (secret == null || secret.isEmpty()) throw new IllegalArgumentException("--token needs --secret");
        return new SignedTokens(secret.getBytes(StandardCharsets.UTF_8));
    }

    private ServeOptions options() {
        ReferenceServer.Options server = ReferenceServer.Options.defaults()
                .withPort(within("--port", port, 0, MAX_PORT))
                .withTtl(Duration.ofSeconds(within("--ttl", ttl, 1, MAX_SECONDS)))
                .withOrigins(origins)
                .withFront(new Front(bind, keyStore(), this::access, BIND_PATIENCE));
        if (conformance) server = ConformanceApplication.options(server);
        if (secret != null && !secret.isEmpty()) server = server.withAuth(tokens());
        Integer limit = rate;
        if (limit != null) {
            within("--rate", limit, 1, Integer.MAX_VALUE);
            server = server.withRateLimit(new RateLimit(limit, limit));
        }
        Duration leaving = Duration.ofSeconds(within("--drain", drain, 0, MAX_SECONDS));
        return new ServeOptions(server, SessionStore.checkedAddress(log), conformance, leaving);
    }

    private void access(String line) {
        if (!quiet) System.out.println(line);
    }

    private @Nullable KeyStore keyStore() {
        if (certificate == null && key == null) return null;
        if (certificate == null || key == null) throw new IllegalArgumentException("TLS needs --cert and --key");
        try {
            return Pem.keyStore(certificate, key);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("No TLS: " + e.getMessage(), e);
        }
    }

    private static int within(String option, int value, int min, int max) {
        if (value >= min && value <= max) return value;
        throw new IllegalArgumentException(option + " must be between " + min + " and " + max + ", but was " + value);
    }

    private static int run(ServeOptions options) throws InterruptedException {
        boolean inMemory = options.log().equals(SessionStore.MEMORY);
        try (SessionStore store = SessionStore.at(options.log())) {
            ReferenceServer server = ReferenceServer.start(options.server().withStore(store));
            if (options.conformance()) ConformanceApplication.install(server);
            else server.onMessage((session, seq, payload) -> HandlerResult.accepted(same(payload)));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> server.shutDown(options.drain())));
            System.out.println("listening at " + server.url() + ", sessions in " + (inMemory ? "memory" : "Redis"));
            new CountDownLatch(1).await();
            return ExitCode.OK;
        } catch (IllegalStateException e) {
            boolean isTaken = e.getCause() != null && hasCause(e, BindException.class);
            System.err.println(e.getMessage() + (isTaken ? ". --port chooses another port, 0 any free one." : ""));
            return ExitCode.SOFTWARE;
        }
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) return true;
        }
        return false;
    }

    private static StreamMessage same(Payload payload) {
        return payload instanceof Payload.Json json
                ? StreamMessage.json(json.value())
                : new StreamMessage.Binary(((Payload.Binary) payload).bytes());
    }
}

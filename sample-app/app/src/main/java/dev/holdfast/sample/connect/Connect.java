package dev.holdfast.sample.connect;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.SessionLoss;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;

/** A client that sends lines to a server and shows what it receives, across reconnects. */
public final class Connect implements HoldfastListener {
    private static final int OK = 0;
    private static final int STOPPED = 1;
    private static final int USAGE = 2;
    private static final int NORMAL_CLOSURE = 1000;
    private static final OutboundQueue QUEUE =
            OutboundQueue.ofBytes(4 * 1024 * 1024).withOverflow(Overflow.block(Duration.ofDays(1)));

    private final ConnectOptions options;
    private final Terminal terminal;
    private final Explanation explanation;
    private final HoldfastClient client;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    Connect(ConnectOptions options, Terminal terminal) {
        this.options = options;
        this.terminal = terminal;
        Request request = Handshake.request(options.url(), options.headers());
        this.explanation = new Explanation(request.url(), options.proxy());
        this.client = HoldfastClient.builder(request)
                .session(options.session())
                .okHttpClient(Proxies.client(options.proxy()))
                .reconnectPolicy(
                        options.attempts() == 0
                                ? ReconnectPolicy.standard()
                                : ReconnectPolicy.standard().withMaxAttempts(options.attempts()))
                .queue(QUEUE)
                .listener(this)
                .build();
    }

    /** Runs the command as a program does, and returns the exit code. */
    public static int runMain(String... args) {
        Connect connect;
        Terminal terminal = new Terminal(System.out, System.err, Terminal.isAttached());
        try {
            connect = new Connect(ConnectOptions.parse(args), terminal);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(ConnectOptions.USAGE);
            return USAGE;
        }
        return connect.run(new InputStreamReader(System.in, Charset.defaultCharset()));
    }

    /** Connects, sends the lines, and returns the exit code. */
    int run(Reader lines) {
        client.connect();
        Thread reader = new Thread(() -> read(new BufferedReader(lines)), "connect-reader");
        reader.setDaemon(true);
        reader.start();
        return exit.join();
    }

    private void read(BufferedReader lines) {
        lines.lines()
                .takeWhile(line -> !(terminal.isInteractive() && line.equals("/quit")))
                .forEach(this::line);
        Duration linger = options.linger();
        if (linger == null) {
            client.close();
        } else {
            CompletableFuture.delayedExecutor(linger.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(client::close);
        }
    }

    private void line(String line) {
        if (terminal.isInteractive() && line.equals("/state")) {
            terminal.note(client.state() + ", " + client.bufferedAmount() + " bytes wait");
            return;
        }
        try {
            var sent = options.jsonLines() ? client.send(Json.parse(line)) : client.send(line);
            var unused = sent.outcome().thenAccept(outcome -> ended(line, outcome));
        } catch (IllegalArgumentException e) {
            terminal.note("not sent: " + e.getMessage());
        }
    }

    private void ended(String line, Outcome outcome) {
        if (!outcome.isSuccess()) terminal.note(outcome + ": " + line);
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        if (state == ClientState.OPEN) terminal.note("connected");
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        terminal.received(message.isBinary() ? "binary " + message.bytes().hex() : message.text());
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        String what = explanation.of(failure);
        if (failure.willRetry()) {
            terminal.note(what + " Attempt " + failure.attempt() + " in "
                    + failure.retryIn().toMillis() + " ms.");
            return;
        }
        terminal.note(what + " That was it: " + failure.reason() + ".");
        exit.complete(STOPPED);
        client.cancel();
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        terminal.note("The server no longer has the session (" + loss.reason() + "): messages may be missing, and of "
                + loss.unknown().size() + " sent it is not known whether they arrived.");
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        terminal.note("closed: " + reason);
        exit.complete(reason.code() == NORMAL_CLOSURE ? OK : STOPPED);
    }
}

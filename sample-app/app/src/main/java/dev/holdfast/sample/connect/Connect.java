package dev.holdfast.sample.connect;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Opening;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Overflow;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.SessionLoss;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;

/** A client that sends lines to a server and prints what it receives, across reconnects. */
final class Connect implements HoldfastListener {
    private static final int OK = 0;
    private static final int STOPPED = 1;

    /** As a shell reports SIGINT. */
    private static final int INTERRUPTED = 130;

    private static final int NORMAL_CLOSURE = 1000;

    /** The wait for the close frame when the process is told to end. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    /** How often in a row the reader must be seen to wait: once, it may just have been given a line. */
    private static final int LOOKS = 3;

    private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

    private static final OutboundQueue QUEUE =
            OutboundQueue.ofBytes(Lines.MAX_BYTES).withOverflow(Overflow.block(Duration.ofDays(1)));

    private final ConnectOptions options;
    private final Terminal terminal;
    private final Explanation explanation;
    private final Moves moves;
    private final SentLines sent;
    private final Speaker speaker;
    /** The client behind the speaker. A dialect's shows itself with its first callback. */
    private final CompletableFuture<HoldfastClient> client = new CompletableFuture<>();

    private final Commands commands;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    /** Set when the connection is given up, or has ended as {@code --once} wants: what the exit code says. */
    private final CompletableFuture<Integer> verdict = new CompletableFuture<>();

    private final AtomicBoolean outputGone = new AtomicBoolean();

    Connect(ConnectOptions options, Terminal terminal) {
        this.options = options;
        this.terminal = terminal;
        this.explanation = new Explanation(options.request().url(), options.proxy());
        this.moves = new Moves(options, terminal);
        this.sent = new SentLines(terminal);
        OkHttpClient.Builder http = Proxies.client(options.proxy()).newBuilder();
        Tls.configure(http, options.trust());
        moves.configure(http);
        this.speaker = speaker(http);
        this.commands = new Commands(client, options.dialect(), terminal, sent);
    }

    private Speaker speaker(OkHttpClient.Builder http) {
        Dialect dialect = options.dialect();
        if (dialect != null) {
            OkHttpClient withHeaders =
                    http.addInterceptor(new SentHeaders(options.request())).build();
            return dialect.speaker(
                    options.request(), options.stompHeaders(), builder -> configure(builder, withHeaders), this::print);
        }
        HoldfastClientBuilder builder =
                HoldfastClient.builder(options.request()).session(options.session());
        configure(builder, http.build());
        HoldfastClient plain = builder.build();
        client.complete(plain);
        return new PlainSpeaker(plain, options.lines());
    }

    private void configure(HoldfastClientBuilder builder, OkHttpClient http) {
        builder.okHttpClient(http)
                .redirectPolicy((from, to) -> moves.answer())
                .maxMessageBytes(options.maxMessageBytes())
                .queue(QUEUE)
                .listener(this);
        // A dialect's own policy stops when its server refuses.
        if (options.dialect() == null || options.attempts() != null || options.once())
            builder.reconnectPolicy(policy());
    }

    private ReconnectPolicy policy() {
        ReconnectPolicy policy = ReconnectPolicy.standard();
        Integer attempts = options.attempts();
        if (attempts != null && attempts > 0) policy = policy.withMaxAttempts(attempts);
        return options.once() ? policy.withCloseReaction(NORMAL_CLOSURE, Reaction.stop("the server is done")) : policy;
    }

    /** Does everything with the input, output and signals of this process, and returns the exit code. */
    int runInProcess() {
        Thread closing = new Thread(this::closeAtExit, "connect-exit");
        Runtime.getRuntime().addShutdownHook(closing);
        // System.in blocks available() while another thread reads.
        if (!terminal.isInteractive()) return run(new StreamLines(new FileInputStream(FileDescriptor.in)));
        try (Prompt prompt = Prompt.open(terminal)) {
            int code = run(prompt);
            return prompt.isInterrupted() ? INTERRUPTED : code;
        } catch (IOException e) {
            terminal.note("The terminal cannot be used: " + e.getMessage());
            return STOPPED;
        }
    }

    /** Closes in order if the process ends early, as it does after a signal. */
    private void closeAtExit() {
        HoldfastClient current = client.getNow(null);
        if (current == null || exit.isDone() || current.close(LAST_WORDS)) return;
        terminal.note("The server did not answer the close in time.");
    }

    /** Connects, sends the lines, and returns the exit code. */
    int run(Lines lines) {
        speaker.connect();
        Thread reader = new Thread(() -> read(lines), "connect-reader");
        reader.setDaemon(true);
        reader.start();
        int code = exit.join();
        if (verdict.getNow(STOPPED) == OK) takeRest(lines, reader);
        return sent.areAllSent() ? code : STOPPED;
    }

    /**
     * Waits until the reader has taken what had come when the server closed, each line of which is reported as not sent. Without
     * this the exit code would depend on how far the reader was. Input that has no end is not waited for.
     */
    private void takeRest(Lines lines, Thread reader) {
        long begin = System.nanoTime();
        for (int looks = 0; looks < LOOKS && reader.isAlive() && !sent.isAnyUnsent(); ) {
            if (System.nanoTime() - begin > LAST_WORDS.toNanos()) {
                sent.unsent("there is more input, and the line does not end", "");
            }
            LockSupport.parkNanos(LOOK_INTERVAL.toNanos());
            looks = lines.isWaiting() ? looks + 1 : 0;
        }
        sent.settled().join();
    }

    private void read(Lines lines) {
        // Nothing is sent over a connection that lacks the subprotocol.
        if (!options.subprotocols().isEmpty()) opened.join();
        if (verdict.isDone()) return;
        try {
            boolean more = true;
            // When the client has ended, one line is enough to know that not all were sent.
            while (more && !(verdict.isDone() && sent.isAnyUnsent())) more = readOne(lines);
        } catch (IOException e) {
            sent.unsent("the input cannot be read: " + e.getMessage(), "");
        }
        if (lines.isInterrupted()) {
            closeAtExit();
            return;
        }
        if (options.once() && options.linger() == null && !terminal.isInteractive()) return;
        var unused = CompletableFuture.allOf(opened, sent.settled()).thenRun(this::leave);
    }

    /** Returns false at the end. */
    private boolean readOne(Lines lines) throws IOException {
        try {
            String line = lines.next();
            if (line == null) return false;
            if (terminal.isInteractive()) {
                if (Commands.isCommand(line)) return commands.run(line);
                if (line.startsWith("//")) line = line.substring(1);
            }
            send(line);
        } catch (Lines.UnsendableException e) {
            sent.unsent(e.getMessage(), "");
        }
        return true;
    }

    private void send(String line) {
        try {
            sent.add(line, speaker.send(line));
        } catch (IllegalArgumentException e) {
            sent.unsent(e.getMessage(), line);
        }
    }

    private void leave() {
        Duration linger = options.linger();
        if (linger == null) {
            speaker.close();
        } else {
            CompletableFuture.delayedExecutor(linger.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(speaker::close);
        }
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        client.complete(from);
        // The subprotocol is known in onOpen.
        if (state == ClientState.RESUMING) terminal.note("opening the session");
    }

    @Override
    public void onOpen(HoldfastClient from, Opening opening) {
        String selected = opening.subprotocol();
        if (selected == null && !options.subprotocols().isEmpty()) {
            hangUp("The server selected none of the subprotocols " + String.join(", ", options.subprotocols())
                    + ": without -s it may take the connection.");
            return;
        }
        terminal.note("connected" + (selected == null ? "" : ", subprotocol " + selected));
        opened.complete(null);
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        // A dialect prints what the message means.
        if (options.dialect() != null) return;
        afterPrinting(
                message.isBinary()
                        ? terminal.received(message.bytes(), options.lines())
                        : terminal.received(message.text()));
    }

    private void print(String line) {
        afterPrinting(terminal.received(line));
    }

    private void afterPrinting(boolean isRead) {
        if (!isRead && outputGone.compareAndSet(false, true)) hangUp("Nobody reads the output any more.");
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        String what = explanation.of(failure) + OptionHints.of(failure, moves.target());
        if (options.once() && failure.closeCode() == NORMAL_CLOSURE && !failure.willRetry()) {
            terminal.note(what);
            verdict.complete(OK);
            from.cancel();
        } else if (!failure.willRetry()) {
            stop(from, what + " No further attempt: " + failure.reason() + ".");
        } else if (!opened.isDone() && !options.retry()) {
            stop(from, what + " --retry goes on trying.");
        } else if (opened.isDone() && Integer.valueOf(0).equals(options.attempts())) {
            stop(from, what + " No further attempt, as --attempts 0 says.");
        } else {
            terminal.note(what + " Attempt " + failure.attempt() + " in "
                    + failure.retryIn().toMillis() + " ms.");
        }
    }

    private void stop(HoldfastClient from, String why) {
        terminal.note(why);
        verdict.complete(STOPPED);
        from.cancel();
    }

    private void hangUp(String why) {
        terminal.note(why);
        verdict.complete(STOPPED);
        speaker.close();
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        terminal.note("The server no longer has the session (" + loss.reason() + "): messages may be missing, and of "
                + loss.unknown().size() + " sent it is not known whether they arrived.");
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        int code = verdict.getNow(commands.isOwnClose(reason.code()) ? OK : STOPPED);
        if (!verdict.isDone()) terminal.note("closed: " + reason);
        opened.complete(null);
        // Outcomes come on the same thread as this call, so a wait for them must not be here.
        var unused = sent.settled().thenRun(() -> exit.complete(code));
    }
}

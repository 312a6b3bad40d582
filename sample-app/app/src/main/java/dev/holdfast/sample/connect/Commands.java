package dev.holdfast.sample.connect;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The commands of a person at a terminal: lines that begin with a slash. */
final class Commands {
    private static final String HELP = """
            /ping                 measures the round trip of a ping
            /binary HEX           sends a binary message, written in hexadecimal digits
            /state                shows the state of the connection, and what waits to be sent
            /close [CODE REASON]  closes the connection when everything is sent, and exits. Default: 1000
            /quit                 closes it with 1000, as does the end of the input (Ctrl-D)
            /help                 shows this
            //text                sends /text""";

    private static final int NORMAL_CLOSURE = 1000;

    private final CompletableFuture<HoldfastClient> client;
    private final @Nullable Dialect dialect;
    private final Terminal terminal;
    private final SentLines sent;
    private volatile int closeCode = NORMAL_CLOSURE;

    Commands(CompletableFuture<HoldfastClient> client, @Nullable Dialect dialect, Terminal terminal, SentLines sent) {
        this.client = client;
        this.dialect = dialect;
        this.terminal = terminal;
        this.sent = sent;
    }

    static String[] names() {
        return HELP.lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .filter(name -> !name.startsWith("//"))
                .toArray(String[]::new);
    }

    /** Returns whether a line is a command, rather than a message. */
    static boolean isCommand(String line) {
        return line.startsWith("/") && !line.startsWith("//");
    }

    /** Runs a command. Returns false if it is the last one. */
    boolean run(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length == 1 ? "" : words[1];
        switch (words[0]) {
            case "/ping" -> ping();
            case "/binary" -> binary(rest);
            case "/state" -> terminal.note(client().state() + ", " + client().bufferedAmount() + " bytes wait");
            case "/help" -> {
                HELP.lines().forEach(terminal::note);
                if (dialect != null) terminal.note("Other lines, for " + dialect + ": " + dialect.hint());
            }
            case "/close" -> {
                return !(rest.isEmpty() || close(rest));
            }
            case "/quit" -> {
                if (rest.isEmpty()) return false;
                terminal.note("/quit takes nothing after it.");
            }
            default ->
                terminal.note("There is no command " + words[0] + ", and it was not sent: /help lists the commands, /"
                        + words[0] + " sends it.");
        }
        return true;
    }

    /** Returns whether a close with this code was asked for from here. */
    boolean isOwnClose(int code) {
        return code == NORMAL_CLOSURE || code == closeCode;
    }

    /** Closes with a code and a reason, and returns whether they can be sent. */
    private boolean close(String codeAndReason) {
        String[] words = codeAndReason.split("\\s+", 2);
        if (client().state() != ClientState.OPEN) {
            terminal.note("not closed: there is no connection that a code could be sent on. /quit exits.");
            return false;
        }
        try {
            int code = Integer.parseInt(words[0]);
            closeCode = code;
            client().close(code, words.length == 1 ? "" : words[1]);
            return true;
        } catch (NumberFormatException e) {
            terminal.note("not closed: /close takes a code, as in /close 4000 reason, but this was " + words[0]);
        } catch (IllegalArgumentException e) {
            terminal.note("not closed: " + e.getMessage());
        }
        return false;
    }

    private void ping() {
        var unused = client().ping().whenComplete((time, error) -> {
            if (time == null) terminal.note("no pong: " + error.getMessage());
            else {
                double millis = (double) time.toNanos() / TimeUnit.MILLISECONDS.toNanos(1);
                terminal.note(String.format(Locale.ROOT, "pong after %.1f ms", millis));
            }
        });
    }

    /** Returns the client, which is known as soon as it has begun to connect. */
    private HoldfastClient client() {
        return client.join();
    }

    private void binary(String hex) {
        if (dialect != null) {
            terminal.note("not sent: " + dialect + " has no binary messages of its own here");
            return;
        }
        try {
            byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
            sent.add(hex, client().send(ByteString.of(bytes)).outcome());
        } catch (IllegalArgumentException e) {
            terminal.note("not sent, since /binary needs an even number of hexadecimal digits: " + hex);
        }
    }
}

package dev.holdfast.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code connect} as a process: its streams, signals and exit codes, in pipes and at a terminal. */
@Timeout(180)
class ConnectIT {
    private final MockWebServer server = new MockWebServer();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        server.start(InetAddress.getLoopbackAddress(), 0);
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(new Echo()).build());
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Sends everything back, many times after {@code flood}, and closes in place of an answer to {@code bye}. */
    private final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            received.add(text);
            if (text.equals("bye")) {
                socket.close(1000, null);
                return;
            }
            int times = text.equals("flood") ? 1000 : 1;
            for (int i = 0; i < times; i++) socket.send(text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            received.add(("close " + code + " " + reason).trim());
            socket.close(code, null);
        }
    }

    private String url() {
        return "ws://127.0.0.1:" + server.getPort() + "/";
    }

    private String received() throws InterruptedException {
        return String.valueOf(received.poll(60, TimeUnit.SECONDS));
    }

    @Test
    void textIsUtf8WhateverTheLocaleIs() throws Exception {
        try (Program connect = Program.start(Map.of("LC_ALL", "C"), Program.command("connect", url(), "--once"))) {
            connect.type("gr\u00fcn \u4f60 \ud83d\ude00\nbye\n");
            assertEquals(0, connect.exitCode(), connect::errors);
            assertEquals("gr\u00fcn \u4f60 \ud83d\ude00\n", connect.output());
            assertEquals("gr\u00fcn \u4f60 \ud83d\ude00", received());
        }
    }

    @Test
    void theEndOfTheInputClosesWhenEverythingIsSent() throws Exception {
        try (Program connect = Program.start("connect", url())) {
            connect.type("one\ntwo");
            connect.endInput();
            assertEquals(0, connect.exitCode(), connect::errors);
            assertEquals(List.of("one", "two", "close 1000"), List.of(received(), received(), received()));
        }
    }

    @Test
    void aSignalClosesTheConnection() throws Exception {
        try (Program connect = Program.start("connect", url())) {
            connect.awaitError("connected");
            connect.signal("TERM");
            assertEquals(143, connect.exitCode());
            assertEquals("close 1000", received());
        }
    }

    @Test
    void itEndsWhenNobodyReadsTheOutput() throws Exception {
        try (Program connect = Program.start("connect", url())) {
            connect.awaitError("connected");
            connect.closeOutput();
            connect.type("flood\n");
            assertEquals(1, connect.exitCode());
            assertTrue(connect.errors().contains("Nobody reads the output any more."), connect::errors);
            assertEquals(List.of("flood", "close 1000"), List.of(received(), received()));
        }
    }

    @Test
    void aTerminalHasAPromptWithAHistory() throws Exception {
        String command = String.join(" ", Program.command("connect", url()));
        List<String> script = List.of("script", "-qefc", command, "/dev/null");
        try (Program terminal = Program.start(Map.of("TERM", "xterm"), script)) {
            terminal.await("# connected[^>]*>");
            terminal.type("hello\r");
            terminal.await("< hello");
            // Ctrl-P and another letter: the line of the history with an addition.
            terminal.type("\u0010!\r");
            terminal.await("< hello!");
            terminal.type("/nonsense\r");
            terminal.await("There is no command /nonsense");
            terminal.type("/close 4000 moved\r");
            assertEquals(0, terminal.exitCode(), terminal::output);
            assertEquals(List.of("hello", "hello!", "close 4000 moved"), List.of(received(), received(), received()));
        }
    }

    @Test
    void controlCOnATerminalCloses() throws Exception {
        String command = String.join(" ", Program.command("connect", url()));
        List<String> script = List.of("script", "-qefc", command, "/dev/null");
        try (Program terminal = Program.start(Map.of("TERM", "xterm"), script)) {
            terminal.await("# connected[^>]*>");
            terminal.type("\u0003");
            assertEquals(130, terminal.exitCode(), terminal::output);
            assertEquals("close 1000", received());
        }
    }

    @Test
    void theScriptFindsTheJarThroughALink() throws Exception {
        Path script = Path.of("..", "holdfast").toRealPath();
        try (Program version = Program.start(Map.of(), List.of(script.toString(), "--version"))) {
            assertEquals(0, version.exitCode(), version::errors);
            assertTrue(version.output().matches("(?s)holdfast \\d+\\.\\d+\\.\\d+.*Java .*"), version::output);
        }
    }

    @Test
    void helpAndWrongArguments() throws Exception {
        try (Program help = Program.start("connect", "--help");
                Program wrong = Program.start("connect", "--fast", url());
                Program none = Program.start();
                Program completion = Program.start("generate-completion")) {
            assertEquals(0, help.exitCode());
            assertTrue(help.output().contains("--subprotocol"), help::output);
            assertEquals(2, wrong.exitCode());
            assertTrue(wrong.errors().contains("Unknown option: '--fast'"), wrong::errors);
            assertEquals(2, none.exitCode());
            assertEquals(0, completion.exitCode());
            assertTrue(completion.output().contains("complete -F _complete_holdfast"), completion::output);
        }
    }
}

package dev.holdfast.sample.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The options of {@code connect}, one at a time. */
@Timeout(120)
class OptionsTest {
    private static final String BASIC = "Basic YWRhOnNlY3JldA==";

    private final MockWebServer server = new MockWebServer();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server.start(InetAddress.getLoopbackAddress(), 0);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Sends everything back, and closes with 1000 in place of an answer to {@code bye}, when all is sent. */
    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            if (text.equals("bye")) socket.close(1000, "done");
            else socket.send(text);
        }

        @Override
        public void onMessage(WebSocket socket, ByteString bytes) {
            if (bytes.utf8().equals("bye")) socket.close(1000, "done");
            else socket.send(bytes);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(1000, null);
        }
    }

    private static MockResponse echo() {
        return new MockResponse.Builder().webSocketUpgrade(new Echo()).build();
    }

    private static MockResponse moved(String location) {
        return new MockResponse.Builder()
                .code(302)
                .addHeader("Location", location)
                .build();
    }

    private String url(String path) {
        return "ws://127.0.0.1:" + server.getPort() + path;
    }

    private static Lines lines(String input) {
        return new StreamLines(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    }

    private int run(String input, String... args) {
        return connect(false, args).run(lines(input));
    }

    private Connect connect(boolean interactive, String... args) {
        Terminal terminal = new Terminal(
                new PrintStream(messages, true, StandardCharsets.UTF_8),
                new PrintStream(notes, true, StandardCharsets.UTF_8),
                interactive);
        return new Connect(ConnectOptions.parse(args), terminal);
    }

    private String messages() {
        return messages.toString(StandardCharsets.UTF_8);
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }

    private void assertNoted(String note) {
        assertTrue(notes().contains(note), notes());
    }

    private static void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "waited too long");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    void anOptionMayHaveItsValueBehindAnEqualsSign() {
        server.enqueue(echo());
        assertEquals(0, run("one\nbye\n", url("/"), "--max-message=3", "--once"));
        assertEquals("one\n", messages());
    }

    @Test
    void theSchemeMayBeInCapitals() {
        server.enqueue(echo());
        assertEquals(0, run("", url("/").replace("ws", "WS"), "--linger=0"));
        assertNoted("connected");
    }

    @Test
    void onceEndsWithTheServer() {
        server.enqueue(echo());
        assertEquals(0, run("one\nbye\n", url("/"), "--once"));
        assertEquals("one\n", messages());
        assertNoted("The server is done and closed the connection (close 1000");
    }

    /** An input whose second part is there from the beginning, and is read only after the end. */
    private static final class SlowlyRead extends InputStream {
        private final CountDownLatch readOn = new CountDownLatch(1);
        private final ByteArrayInputStream first =
                new ByteArrayInputStream("one\nbye\n".getBytes(StandardCharsets.UTF_8));
        private final InputStream second;

        SlowlyRead(InputStream second) {
            this.second = second;
        }

        @Override
        public int read() {
            throw new AssertionError("reads one byte");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = first.read(into, offset, length);
            if (count > 0) return count;
            try {
                readOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return second.read(into, offset, length);
        }

        @Override
        public int available() throws IOException {
            return first.available() + second.available();
        }
    }

    private int onceWith(SlowlyRead input) {
        server.enqueue(echo());
        Connect connect = connect(false, url("/"), "--once");
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(new StreamLines(input)));
        await(() -> notes().contains("The server is done"));
        // Time for an exit that does not wait.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        input.readOn.countDown();
        return exit.join();
    }

    @Test
    void linesThatWereThereWhenTheServerClosedAreNotSent() {
        assertEquals(1, onceWith(new SlowlyRead(new ByteArrayInputStream("more\n".getBytes(StandardCharsets.UTF_8)))));
        assertNoted("not sent");
        assertNoted("more");
    }

    @Test
    void onceEndsWithAnInputThatNeverStops() {
        assertEquals(1, onceWith(new SlowlyRead(new InputStream() {
            @Override
            public int read() {
                return '\n';
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                Arrays.fill(into, offset, offset + length, (byte) '\n');
                return length;
            }

            @Override
            public int available() {
                return 1;
            }
        })));
    }

    @Test
    void onceDoesNotWaitForAnInputInWhichNothingIs() throws Exception {
        server.enqueue(echo());
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        keyboard.write("one\nbye\nhalf a line".getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        assertEquals(0, connect(false, url("/"), "--once").run(lines));
        assertEquals("one\n", messages());
    }

    @Test
    void withoutOnceItConnectsAgain() throws Exception {
        server.enqueue(echo());
        server.enqueue(echo());
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        Connect connect = connect(false, url("/"));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        keyboard.write("bye\n".getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        await(() -> server.getRequestCount() == 2);
        keyboard.close();
        assertEquals(0, exit.get(30, TimeUnit.SECONDS));
    }

    @Test
    void aFirstConnectionThatFailsIsTheEnd() {
        // The server answers when the line was sent. A line that the client reads after the failure is not reported.
        CountDownLatch isSent = new CountDownLatch(1);
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
                assertTrue(isSent.await(30, TimeUnit.SECONDS), "the line was not sent");
                return new MockResponse.Builder().code(500).build();
            }
        });
        Iterator<String> input = List.of("lost").iterator();
        Lines lines = () -> {
            if (input.hasNext()) return input.next();
            isSent.countDown();
            return null;
        };
        assertEquals(1, connect(false, url("/")).run(lines));
        assertEquals(1, server.getRequestCount());
        assertNoted("--retry goes on trying");
        assertNoted("not sent: CANCELLED");
    }

    @Test
    void aFirstConnectionThatFailsIsTheEndWhileNothingIsTyped() {
        server.enqueue(new MockResponse.Builder().code(500).build());
        CompletableFuture<String> typed = new CompletableFuture<>();
        assertEquals(1, connect(false, url("/")).run(typed::join));
        typed.complete(null);
        assertNoted("--retry goes on trying");
        assertFalse(notes().contains("not sent"), this::notes);
    }

    @Test
    void retryGoesOn() {
        server.enqueue(new MockResponse.Builder().code(500).build());
        server.enqueue(echo());
        assertEquals(0, run("kept\nbye\n", url("/"), "--retry", "--once"));
        assertEquals("kept\n", messages());
    }

    @Test
    void noAttemptsNeverReconnect() {
        server.enqueue(echo());
        assertEquals(1, run("bye\n", url("/"), "--attempts=0", "--linger=60"));
        assertEquals(1, server.getRequestCount());
        assertNoted("as --attempts 0 says");
    }

    @Test
    void aUserOfTheUrlBecomesAHeader() throws Exception {
        server.enqueue(echo());
        assertEquals(0, run("", url("/x").replace("//", "//ada:secret@")));
        RecordedRequest request = server.takeRequest();
        assertEquals(BASIC, request.getHeaders().get("Authorization"));
        assertEquals("/x", request.getTarget());
    }

    @Test
    void aUserMayBeAnOption() throws Exception {
        server.enqueue(echo());
        assertEquals(0, run("", url("/"), "--user", "ada:secret"));
        assertEquals(BASIC, server.takeRequest().getHeaders().get("Authorization"));
    }

    @Test
    void linesMayBeBytes() {
        server.enqueue(echo());
        assertEquals(0, run("gr\u00fcn\nbye\n", url("/"), "--binary", "--once"));
        assertEquals("gr\u00fcn\n", messages());
    }

    @Test
    void linesMayBeHexadecimal() {
        server.enqueue(echo());
        assertEquals(1, run("00ff\nno\n627965\n", url("/"), "--hex", "--once"));
        assertEquals("00ff\n", messages());
        assertNoted("not sent");
    }

    @Test
    void aMessageThatIsTooLargeFailsTheConnection() {
        server.enqueue(echo());
        assertEquals(1, run("12345\n", url("/"), "--max-message=4", "--attempts=0", "--linger=60"));
        assertEquals("", messages());
    }

    @Test
    void theSubprotocolIsShown() {
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new Echo())
                .addHeader("Sec-WebSocket-Protocol", "b.v1")
                .build());
        assertEquals(0, run("", url("/"), "-s", "a.v1,b.v1"));
        assertNoted("connected, subprotocol b.v1");
    }

    @Test
    void aServerThatSelectsNoSubprotocolGetsNoLine() throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket socket, String text) {
                        received.complete(text);
                    }

                    @Override
                    public void onClosing(WebSocket socket, int code, String reason) {
                        received.complete("closed with " + code);
                        socket.close(code, null);
                    }
                })
                .build());
        assertEquals(1, run("secret\n", url("/"), "-s", "a.v1", "-s", "b.v1"));
        assertNoted("The server selected none of the subprotocols a.v1, b.v1");
        assertEquals("closed with 1000", received.get(30, TimeUnit.SECONDS));
    }

    @Test
    void aRedirectIsExplained() {
        server.enqueue(moved("/elsewhere"));
        assertEquals(1, run("", url("/")));
        assertEquals(1, server.getRequestCount());
        assertNoted("It is now " + url("/elsewhere") + ", which -L follows.");
    }

    @Test
    void aRedirectIsFollowedToAnotherServer() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.start(InetAddress.getLoopbackAddress(), 0);
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new Echo())
                    .addHeader("Sec-WebSocket-Protocol", "a.v1")
                    .build());
            String target = "ws://127.0.0.1:" + other.getPort() + "/there";
            server.enqueue(moved(target.replace("ws:", "http:")));
            assertEquals(0, run("hi\nbye\n", url("/"), "-L", "-s", "a.v1", "--once"));
            assertEquals("hi\n", messages());
            assertNoted("HTTP 302 leads to " + target);
        }
    }

    @Test
    void aRedirectToAnotherServerTakesNoSecretAlong() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.start(InetAddress.getLoopbackAddress(), 0);
            other.enqueue(echo());
            server.enqueue(moved("http://127.0.0.1:" + other.getPort() + "/"));
            assertEquals(0, run("", url("/"), "-L", "--user=ada:secret"));
            assertEquals(BASIC, server.takeRequest().getHeaders().get("Authorization"));
            assertNull(other.takeRequest().getHeaders().get("Authorization"));
        }
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void aCertificateThatIsSignedByItselfIsExplainedAndCanBeTrusted() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        server.useHttps(
                new HandshakeCertificates.Builder().heldCertificate(own).build().sslSocketFactory());
        String url = url("/").replace("ws:", "wss:");
        assertEquals(1, run("", url));
        assertNoted("127.0.0.1 is signed by itself or by an authority that this computer does not trust."
                + " --ca FILE trusts another authority, --insecure trusts everybody.");
        server.enqueue(echo());
        assertEquals(
                0, run("", url, "--ca", file("ca.pem", own.certificatePem()).toString()));
        server.enqueue(echo());
        assertEquals(0, run("", url.replace("127.0.0.1", "localhost"), "--insecure"));
        assertEquals(1, run("", url.replace("127.0.0.1", "localhost"), "--ca", folder + "/ca.pem"));
        assertNoted("certificate is for another host than localhost");
    }

    @Test
    void aCertificateIsPresented() throws Exception {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate ada = new HeldCertificate.Builder()
                .commonName("ada")
                .signedBy(authority)
                .build();
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(authority)
                .build();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(own)
                .addTrustedCertificate(authority.certificate())
                .build()
                .sslSocketFactory());
        server.requireClientAuth();
        server.enqueue(echo());
        String ca = file("ca.pem", authority.certificatePem()).toString();
        String both =
                file("ada.pem", ada.certificatePem() + ada.privateKeyPkcs8Pem()).toString();
        assertEquals(0, run("", url("/").replace("ws:", "wss:"), "--ca", ca, "--cert", both));
        RecordedRequest request = server.takeRequest();
        assertEquals("CN=ada", request.getHandshake().peerPrincipal().getName());
    }

    @Test
    void aLineThatCannotBeSentIsNeverForgotten() {
        server.enqueue(echo());
        byte[] wrong = new byte[Lines.MAX_BYTES + 17];
        Arrays.fill(wrong, (byte) 'x');
        wrong[0] = (byte) 0xff;
        wrong[1] = '\n';
        wrong[wrong.length - 1] = '\n';
        InputStream input = new SequenceInputStream(
                new ByteArrayInputStream(wrong), new ByteArrayInputStream("xxx\nbye".getBytes(StandardCharsets.UTF_8)));
        assertEquals(1, connect(false, url("/"), "--once").run(new StreamLines(input)));
        assertEquals("xxx\n", messages());
        assertNoted("line 1 is not UTF-8");
        assertNoted("line 2 has 16777230 bytes");
    }

    @Test
    void aTerminalShowsControlCharactersAndObeysNone() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket socket, Response response) {
                        socket.send("\u001b[2Jred\u0007\n< fake\u009b1m\u202e");
                        socket.close(1000, "\u001b[31mend");
                    }
                })
                .build());
        Connect connect = connect(true, url("/"), "--once");
        assertEquals(0, connect.run(new StreamLines(new PipedInputStream(new PipedOutputStream()))));
        assertEquals("< \u241b[2Jred\u2407\n  < fake\\u009b1m\\u202e\n", messages());
        assertFalse(notes().contains("\u001b"), notes());
    }

    @Test
    void aCloseOfOnesOwnIsSentOrExplained() throws Exception {
        BlockingQueue<String> closes = new LinkedBlockingQueue<>();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onClosing(WebSocket socket, int code, String reason) {
                        closes.add(code + " " + reason);
                        socket.close(code, reason);
                    }
                })
                .build());
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        Connect connect = connect(true, url("/"));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        await(() -> notes().contains("connected"));
        keyboard.write("/close 1001\n/close x\n/quit 1000\n/close 4000 moved elsewhere\nunread\n"
                .getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        assertEquals(0, exit.get(30, TimeUnit.SECONDS));
        assertEquals("4000 moved elsewhere", closes.poll(30, TimeUnit.SECONDS));
        assertNoted("not closed: code must be 1000 or between 3000 and 4999, but was 1001");
        assertNoted("not closed: /close takes a code, as in /close 4000 reason, but this was x");
        assertNoted("/quit takes nothing after it.");
        assertNoted("closed: 4000 moved elsewhere");
    }

    @Test
    void commandsOfTheTerminal() throws Exception {
        server.enqueue(echo());
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        Connect connect = connect(true, url("/"));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        await(() -> notes().contains("connected"));
        keyboard.write("/ping\n/binary 00 ff\n/binary 0\n/pong\n//etc\n/help\n".getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        await(() -> messages().equals("< binary 00ff\n< /etc\n"));
        await(() -> notes().contains("pong after "));
        assertNoted("needs an even number of hexadecimal digits: 0");
        assertNoted("There is no command /pong, and it was not sent");
        assertNoted("/state");
        keyboard.write("/close\n".getBytes(StandardCharsets.UTF_8));
        keyboard.close();
        assertEquals(0, exit.get(30, TimeUnit.SECONDS));
    }
}

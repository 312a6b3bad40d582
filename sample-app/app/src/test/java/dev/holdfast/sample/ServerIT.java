package dev.holdfast.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code server} as a process. */
@Timeout(180)
class ServerIT {
    private final OkHttpClient http = new OkHttpClient();

    @TempDir
    private Path folder;

    private static String url(Program server) throws InterruptedException {
        return server.await("listening at (\\S+),");
    }

    private String get(String url) throws IOException {
        Request request =
                new Request.Builder().url(url).header("Connection", "close").build();
        try (Response response = http.newCall(request).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    /** A client that keeps to the protocol as far as a welcome, and records what comes. */
    private static final class Client extends WebSocketListener {
        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send("{\"t\":\"open\"}");
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            received.add(text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            received.add("close " + code);
            socket.close(code, null);
        }

        String next() throws InterruptedException {
            return String.valueOf(received.poll(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aSignalDrainsAndThenSpreads() throws Exception {
        try (Program server = Program.start("server", "--port=0", "--drain=1")) {
            String url = url(server);
            String health = url.replace("ws:", "http:").replace("/live", "/health");
            assertEquals("200 {\"status\":\"ok\",\"connections\":0}\n", get(health));
            Client client = new Client();
            http.newWebSocket(
                    new Request.Builder()
                            .url(url)
                            .header("Sec-WebSocket-Protocol", "resume.v1.json")
                            .build(),
                    client);
            assertTrue(client.next().contains("\"welcome\""));
            assertTrue(client.next().contains("\"live\""));
            server.signal("TERM");
            assertEquals("{\"t\":\"reconnect\",\"afterMs\":1000}", client.next());
            assertEquals("close 1012", client.next());
            assertEquals(143, server.exitCode());
            String log = server.output();
            assertTrue(log.contains(" GET /health 200\n"), log);
            String connection =
                    "(?s).* GET /live 101 user=anyone session=\\S+ resumed=false received=1 sent=3 close=1012 [1-9]\\d*\\.\\d+s\n";
            assertTrue(log.matches(connection), log);
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program server = Program.start("server", "--port=" + taken.getLocalPort())) {
            assertEquals(1, server.exitCode());
            assertEquals(
                    "cannot listen at 127.0.0.1, port " + taken.getLocalPort()
                            + ": Address already in use. --port chooses another port, 0 any free one.\n",
                    server.errors());
        }
    }

    @Test
    void tlsAndTokens() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        String certificate = Files.writeString(folder.resolve("cert.pem"), own.certificatePem())
                .toString();
        String key = Files.writeString(folder.resolve("key.pem"), own.privateKeyPkcs8Pem())
                .toString();
        Map<String, String> secret = Map.of("HOLDFAST_SECRET", "for this test");
        List<String> serve = Program.command("server", "--port=0", "--cert", certificate, "--key", key);
        try (Program token = Program.start(secret, Program.command("server", "--token=ada"));
                Program server = Program.start(secret, serve)) {
            assertEquals(0, token.exitCode(), token::errors);
            String url = url(server);
            assertTrue(url.startsWith("wss://"), url);
            String bearer = "Authorization: Bearer " + token.output().trim();
            String[] known = {"connect", url, "--session=resume", "--ca", certificate, "-H", bearer};
            String[] unknown = {"connect", url, "--session=resume", "--ca", certificate};
            try (Program ada = Program.start(known);
                    Program nobody = Program.start(unknown)) {
                ada.type("hello\n");
                ada.await("hello");
                ada.endInput();
                assertEquals(0, ada.exitCode(), ada::errors);
                assertEquals("hello\n", ada.output());
                assertEquals(1, nobody.exitCode());
                assertTrue(nobody.errors().contains("close 4401"), nobody::errors);
                server.await(" GET /live 101 user=ada ");
            }
        }
    }
}

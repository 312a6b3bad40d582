package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arguments of {@code onFailure} when no web socket was opened. Applications look at the exception's type. */
interface FailedOpeningContract extends FactoryContract {
    @ParameterizedTest
    @ValueSource(ints = {200, 401, 503})
    default void anUpgradeThatIsRefused(int status) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 " + status + " No", "Content-Length: 9", "Content-Type: text/plain", "X-Why: busy");
        peer.write("try later");
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        assertInstanceOf(ProtocolException.class, failed.reason());
        assertTrue(failed.reason().getMessage().contains(String.valueOf(status)), failed.toString());
        assertEquals(status, failed.response().code());
        assertEquals("No", failed.response().message());
        assertEquals("busy", failed.response().header("X-Why"));
        assertEquals("text/plain", failed.response().body().contentType().toString());
        assertEquals("try later", failed.body());
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.close(1000, null));
        webSocket.cancel();
    }

    @Test
    default void aRefusalWithoutBody() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 204 No Content");
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        assertInstanceOf(ProtocolException.class, failed.reason());
        assertEquals(204, failed.response().code());
        assertEquals("", failed.body());
    }

    @Test
    default void aRefusalWithALongBody() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 503 Busy", "Content-Length: 100000");
        peer.write("x".repeat(100_000));
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        boolean cut = rig().has(Difference.CUTS_LONG_REFUSALS);
        assertEquals(cut ? 64 * 1024 : 100_000, failed.body().length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Accept", "Upgrade", "Connection"})
    default void anAnswerThatLacksAHeader(String header) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.removeIf(line -> line.startsWith(header + ": "));
        peer.answer(head);
        endOfWrongAnswer(peer, recorder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Accept: other",
                "Upgrade: h2c",
                "Connection: close",
                "Connection: keep-alive, Upgrade"
            })
    default void anAnswerWithAWrongHeader(String wrong) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.replaceAll(line -> line.startsWith(wrong.substring(0, wrong.indexOf(':') + 1)) ? wrong : line);
        peer.answer(head);
        endOfWrongAnswer(peer, recorder);
    }

    private static void endOfWrongAnswer(Peer peer, ListenerRecorder recorder) throws Exception {
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        assertInstanceOf(ProtocolException.class, failed.reason());
        assertEquals(101, failed.response().code());
        peer.close();
    }

    @Test
    default void anAnswerThatIsNotHttp() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.write("SSH-2.0-OpenSSH\r\n");
        recorder.takeFailed(ProtocolException.class);
    }

    @Test
    default void aServerThatGoesBeforeItAnswers() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.close();
        assertInstanceOf(
                EOFException.class, recorder.takeFailed(IOException.class).getCause());
    }

    @Test
    default void aNameThatNobodyKnows() throws Exception {
        Dns nobody = host -> {
            throw new UnknownHostException(host + " is unknown");
        };
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(rig().client.newBuilder().dns(nobody).build(), "ws://chat.example/", recorder);
        assertEquals(
                "chat.example is unknown",
                recorder.takeFailed(UnknownHostException.class).getMessage());
    }

    @Test
    default void aPortWhereNobodyListens() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().server.stopListening();
        rig().open(recorder);
        recorder.takeFailed(ConnectException.class);
    }

    @Test
    default void anAnswerThatDoesNotComeInTime() throws Exception {
        OkHttpClient client =
                rig().client.newBuilder().readTimeout(Duration.ofMillis(50)).build();
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        recorder.takeFailed(SocketTimeoutException.class);
        peer.takeEnd();
    }

    @Test
    default void aCallThatTakesTooLong() throws Exception {
        OkHttpClient client =
                rig().client.newBuilder().callTimeout(Duration.ofMillis(250)).build();
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertEquals(
                "timeout", recorder.takeFailed(InterruptedIOException.class).getMessage());
        peer.takeEnd();
    }

    // ---- TLS ----

    @Test
    default void aCertificateThatNobodyVouchesFor() throws Exception {
        rig().mock().useHttps(FactoryRig.CERTIFICATES.sslSocketFactory());
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(rig().client, rig().mockUrl(), recorder);
        recorder.takeFailed(SSLHandshakeException.class);
    }

    @Test
    default void aCertificateOfAnotherHost() throws Exception {
        var other = FactoryRig.certificates("other.example");
        OkHttpClient client = FactoryRig.trusting(rig().client, other)
                .newBuilder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .build();
        rig().mock().useHttps(other.sslSocketFactory());
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(client, rig().mockUrl(), recorder);
        recorder.takeFailed(SSLPeerUnverifiedException.class);
    }

    @Test
    default void aServerWithoutTls() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(rig().client, "wss://127.0.0.1:" + rig().server.port() + "/", recorder);
        Peer peer = rig().server.accept();
        peer.answer("HTTP/1.1 400 Bad Request", "Content-Length: 0");
        recorder.takeFailed(SSLException.class);
    }

    // ---- interceptors that answer themselves ----

    @Test
    default void anInterceptorThatThrows() throws Exception {
        IOException mine = new IOException("no network today");
        ListenerRecorder recorder = rig().newRecorder();
        OkHttpClient client = rig().client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw mine;
                })
                .build();
        rig().open(client, rig().server.url(), recorder);
        assertEquals(mine, recorder.takeFailed(IOException.class));
    }

    @Test
    default void anInterceptorThatThrowsWhatItShouldNot() throws Exception {
        IllegalStateException mine = new IllegalStateException("a bug");
        ListenerRecorder recorder = rig().newRecorder();
        OkHttpClient client = rig().client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw mine;
                })
                .build();
        rig().open(client, rig().server.url(), recorder);
        if (rig().has(Difference.REPORTS_EXCEPTIONS_OF_INTERCEPTORS_UNCHANGED)) {
            assertEquals(mine, recorder.takeFailed(IllegalStateException.class));
        } else {
            assertEquals(mine, recorder.takeFailed(IOException.class).getCause());
            assertEquals(mine, rig().io.takeThrown());
        }
    }

    @Test
    default void anInterceptorThatRefuses() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        OkHttpClient client = rig().client
                .newBuilder()
                .addInterceptor(chain -> refusal(chain.request()))
                .build();
        rig().open(client, rig().server.url(), recorder);
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        assertInstanceOf(ProtocolException.class, failed.reason());
        assertEquals(451, failed.response().code());
        assertEquals("not here", failed.body());
    }

    private static okhttp3.Response refusal(okhttp3.Request request) {
        return new okhttp3.Response.Builder()
                .request(request)
                .protocol(okhttp3.Protocol.HTTP_1_1)
                .code(451)
                .message("No")
                .body(okhttp3.ResponseBody.create("not here", null))
                .build();
    }
}

package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.CallLog;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of the application's OkHttpClient. */
interface ClientContract extends FactoryContract {
    // ---- pings ----

    @Test
    default void pingsAtAnIntervalUntilNoPongComes() throws Exception {
        Duration interval = Duration.ofMillis(300);
        OkHttpClient client = rig().client.newBuilder().pingInterval(interval).build();
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        Frame ping = new Frame(true, 9, ByteString.EMPTY);
        rig().pass(interval);
        assertEquals(ping, peer.take());
        peer.pong(ByteString.EMPTY);
        // Behind the pong, which it lets through.
        peer.text("pong");
        recorder.takeText("pong");
        rig().pass(interval);
        assertEquals(ping, peer.take());
        recorder.assertNothingMore();
        rig().pass(interval);
        String message = recorder.takeFailed(SocketTimeoutException.class).getMessage();
        assertTrue(message.contains("300") && message.contains("1"), message);
        peer.takeEnd();
    }

    // ---- the way to the server ----

    @ParameterizedTest
    @ValueSource(ints = {302, 307})
    default void redirectsAreFollowed(int status) throws Exception {
        rig().mock()
                .enqueue(new MockResponse.Builder()
                        .code(status)
                        .addHeader("Location: /moved")
                        .build());
        rig().enqueueEcho();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(rig().client, rig().mockUrl(), recorder);
        Response response = recorder.takeOpened();
        assertEquals("/moved", response.request().url().encodedPath());
        assertEquals(status, response.priorResponse().code());
        assertEquals("/live", webSocket.request().url().encodedPath());
        rig().endByClose(webSocket, recorder);
    }

    @Test
    default void aRedirectIntoTls() throws Exception {
        rig().mock().useHttps(FactoryRig.CERTIFICATES.sslSocketFactory());
        rig().enqueueEcho();
        ListenerRecorder recorder = rig().newRecorder();
        OkHttpClient client = FactoryRig.trusting(rig().client, FactoryRig.CERTIFICATES);
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        redirect(rig().mockUrl());
        assertTrue(recorder.takeOpened().request().isHttps());
        rig().endByClose(webSocket, recorder);
    }

    @Test
    default void aRedirectOutOfTls() throws Exception {
        rig().mock().useHttps(FactoryRig.CERTIFICATES.sslSocketFactory());
        rig().mock()
                .enqueue(new MockResponse.Builder()
                        .code(302)
                        .addHeader("Location", rig().server.url().replace("ws:", "http:"))
                        .build());
        ListenerRecorder recorder = rig().newRecorder();
        OkHttpClient client = FactoryRig.trusting(rig().client, FactoryRig.CERTIFICATES);
        WebSocket webSocket = rig().open(client, rig().mockUrl(), recorder);
        if (rig().has(Difference.STAYS_IN_TLS)) {
            ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
            assertInstanceOf(ProtocolException.class, failed.reason());
            assertEquals(302, failed.response().code());
        } else {
            rig().server.acceptUpgrade();
            recorder.takeOpened();
            rig().endByCancel(webSocket, recorder);
        }
    }

    private void redirect(String location) throws IOException {
        Peer peer = rig().server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 302 Found", "Location: " + location, "Content-Length: 0", "Connection: close");
        peer.close();
    }

    @Test
    default void theAuthenticatorIsAskedForCredentials() throws Exception {
        rig().mock()
                .enqueue(new MockResponse.Builder()
                        .code(401)
                        .addHeader("WWW-Authenticate: Basic realm=\"live\"")
                        .body("who are you?")
                        .build());
        rig().enqueueEcho();
        String credentials = Credentials.basic("me", "secret");
        OkHttpClient client = rig().client
                .newBuilder()
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", credentials)
                        .build())
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().mockUrl(), recorder);
        recorder.takeOpened();
        assertNull(rig().mock().takeRequest().getHeaders().get("Authorization"));
        assertEquals(credentials, rig().mock().takeRequest().getHeaders().get("Authorization"));
        rig().endByClose(webSocket, recorder);
    }

    @Test
    default void aTunnelThroughAProxy() throws Exception {
        rig().mock().useHttps(FactoryRig.CERTIFICATES.sslSocketFactory());
        rig().mock().enqueue(new MockResponse.Builder().inTunnel().build());
        rig().enqueueEcho();
        OkHttpClient client = FactoryRig.trusting(rig().client, FactoryRig.CERTIFICATES)
                .newBuilder()
                .proxy(rig().mock().getProxyAddress())
                .hostnameVerifier((host, session) -> host.equals("chat.example"))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, "wss://chat.example/live", recorder);
        assertTrue(recorder.takeOpened().request().isHttps());
        assertEquals("CONNECT", rig().mock().takeRequest().getMethod());
        webSocket.send("through the tunnel");
        recorder.takeText("through the tunnel");
        rig().endByClose(webSocket, recorder);
    }

    // ---- interceptors, cookies, events ----

    @Test
    default void interceptorsMayChangeTheRequestAndTheResponse() throws Exception {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        OkHttpClient client = rig().client
                .newBuilder()
                .addInterceptor(chain -> {
                    seen.add("request " + chain.request().header("Upgrade"));
                    Response response = chain.proceed(chain.request()
                            .newBuilder()
                            .header("X-Token", "abc")
                            .build());
                    seen.add("response " + response.code());
                    return response.newBuilder().header("X-Seen", "yes").build();
                })
                .addNetworkInterceptor(chain -> {
                    seen.add("network");
                    return chain.proceed(chain.request());
                })
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        assertEquals(List.of("abc"), peer.header("X-Token"));
        assertEquals("yes", recorder.takeOpened().header("X-Seen"));
        if (rig().has(Difference.SHOWS_ITSELF_TO_NETWORK_INTERCEPTORS)) assertTrue(seen.remove("network"));
        assertEquals(List.of("request websocket", "response 101"), seen);
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void theEventListener() throws Exception {
        CallLog events = new CallLog();
        OkHttpClient client = rig().client.newBuilder().eventListener(events).build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertEquals(rig().has(Difference.NOTIFIES_THE_EVENT_LISTENER) ? 1 : 0, events.count("callStart"));
        rig().endByCancel(webSocket, recorder);
        events.awaitAllEnded();
    }

    @Test
    default void cookiesAreSentAndKept() throws Exception {
        List<Cookie> kept = Collections.synchronizedList(new ArrayList<>());
        OkHttpClient client = rig().client
                .newBuilder()
                .cookieJar(new CookieJar() {
                    @Override
                    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                        kept.addAll(cookies);
                    }

                    @Override
                    public List<Cookie> loadForRequest(HttpUrl url) {
                        return List.of(new Cookie.Builder()
                                .name("session")
                                .value("42")
                                .domain(url.host())
                                .build());
                    }
                })
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertEquals(List.of("session=42"), peer.header("Cookie"));
        List<String> head = peer.upgraded();
        head.add("Set-Cookie: seen=1");
        peer.answer(head);
        recorder.takeOpened();
        assertEquals("seen", kept.get(0).name());
        rig().endByCancel(webSocket, recorder);
    }

    // ---- beside other calls ----

    @Test
    default void besideHttp2() throws Exception {
        rig().mock().useHttps(FactoryRig.CERTIFICATES.sslSocketFactory());
        OkHttpClient client = FactoryRig.trusting(rig().client, FactoryRig.CERTIFICATES);
        assertEquals(Protocol.HTTP_2, get(client));
        rig().enqueueEcho(MessageContract.DEFLATE);
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().mockUrl(), recorder);
        Response response = recorder.takeOpened();
        assertEquals(Protocol.HTTP_1_1, response.protocol());
        assertNotNull(response.handshake());
        assertEquals(Protocol.HTTP_2, get(client));
        webSocket.send("over TLS");
        recorder.takeText("over TLS");
        rig().endByClose(webSocket, recorder);
        assertEquals(Protocol.HTTP_2, get(client));
    }

    private Protocol get(OkHttpClient client) throws IOException {
        rig().mock().enqueue(new MockResponse.Builder().body("page").build());
        String url = rig().mock().url("/page").toString();
        try (Response response = client.newCall(FactoryRig.request(url)).execute()) {
            assertEquals("page", response.body().string());
            return response.protocol();
        }
    }

    @Test
    default void manyAtOnceInSpiteOfTheLimitPerHost() throws Exception {
        rig().dispatcher.setMaxRequestsPerHost(1);
        List<WebSocket> webSockets = new ArrayList<>();
        List<ListenerRecorder> recorders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rig().enqueueEcho();
            recorders.add(rig().newRecorder());
            webSockets.add(rig().open(rig().client, rig().mockUrl(), recorders.get(i)));
        }
        for (int i = 0; i < 10; i++) {
            recorders.get(i).takeOpened();
            assertTrue(webSockets.get(i).send("mine " + i));
        }
        for (int i = 0; i < 10; i++) {
            recorders.get(i).takeText("mine " + i);
            rig().endByClose(webSockets.get(i), recorders.get(i));
        }
    }

    @Test
    default void theDispatcherCancelsAll() throws Exception {
        ListenerRecorder opening = rig().newRecorder();
        rig().open(opening);
        rig().server.accept().readRequest();
        rig().dispatcher.cancelAll();
        opening.takeFailed(IOException.class);

        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        rig().server.acceptUpgrade();
        recorder.takeOpened();
        rig().dispatcher.cancelAll();
        if (rig().has(Difference.IS_NO_CALL_WHEN_OPEN)) {
            assertEquals(0, rig().dispatcher.runningCallsCount());
            webSocket.cancel();
        }
        recorder.takeFailed(IOException.class);
    }
}

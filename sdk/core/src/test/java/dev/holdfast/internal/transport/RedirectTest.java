package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.RedirectPolicy.Answer;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The redirects that an opening handshake follows, and the headers that it takes along. Two ports are two origins. */
@Timeout(30)
class RedirectTest {
    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final RawServer other = new RawServer();
    private final ConnectionRecorder recorder = rig.newRecorder();
    private final List<String> asked = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        other.close();
    }

    private void policy(Answer answer) {
        rig.settings = rig.settings.redirects((from, to) -> {
            asked.add(from + " > " + to);
            return answer;
        });
    }

    private Request secretRequest() {
        return rig.request()
                .newBuilder()
                .url(rig.server.url() + "?token=abc&room=1&since=7")
                .header("Authorization", "Bearer abc")
                .header("Cookie", "id=abc")
                .header("X-Api-Key", "abc")
                .header("X-Last", "7")
                .header("Origin", "https://app.example")
                .header("Accept-Language", "de")
                .tag(HandshakeSecrets.class, HandshakeSecrets.of(Set.of("X-Last"), Set.of("since"), "token"))
                .build();
    }

    private Connection open(OkHttpClient client) {
        return rig.open(client, secretRequest(), "resume.v1.json", recorder);
    }

    private void redirect(int status, String location) throws IOException {
        Peer peer = rig.server.accept();
        peer.readRequest();
        redirect(peer, status, location);
    }

    private static void redirect(Peer peer, int status, String location) throws IOException {
        peer.answer("HTTP/1.1 " + status + " Go", "Location: " + location, "Content-Length: 0");
    }

    private String elsewhere() {
        return other.url().replace("ws:", "http:") + "?token=abc&room=1&since=6";
    }

    private static String origin(RawServer server) {
        return "http://127.0.0.1:" + server.port();
    }

    private void assertRefused(int status, String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(Phase.UPGRADE, failure.phase());
        assertEquals(status, failure.httpStatus());
    }

    private void end(Connection connection) throws Exception {
        connection.cancel();
        recorder.takeFailed();
    }

    @Test
    void anotherOriginIsRefusedByDefaultAndBothAreNamed() throws Exception {
        open(rig.client);
        redirect(302, elsewhere());
        assertRefused(
                302,
                "upgrade redirected with HTTP 302 from " + origin(rig.server) + " to " + origin(other)
                        + ", which the redirect policy refuses");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 307, 308})
    void thePolicyIsAskedAboutEveryKindOfRedirect(int status) throws Exception {
        policy(Answer.REFUSE);
        open(rig.client);
        redirect(status, elsewhere());
        assertEquals(status, recorder.takeFailed().httpStatus());
        assertEquals(
                List.of(HttpUrl.get(rig.server.url().replace("ws:", "http:") + "?token=abc&room=1&since=7") + " > "
                        + elsewhere()),
                asked);
    }

    @Test
    void withoutSecretsOnlyHarmlessHeadersGoAlong() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        Connection connection = open(rig.client);
        redirect(307, elsewhere());
        Peer peer = other.acceptUpgrade();
        assertEquals("GET /live?room=1&since=6 HTTP/1.1", peer.requestLine());
        for (String secret : List.of("Authorization", "Cookie", "X-Api-Key")) {
            assertEquals(List.of(), peer.header(secret), secret);
        }
        assertEquals(List.of("7"), peer.header("X-Last"));
        assertEquals(List.of("https://app.example"), peer.header("Origin"));
        assertEquals(List.of("de"), peer.header("Accept-Language"));
        assertEquals(List.of("resume.v1.json"), peer.header("Sec-WebSocket-Protocol"));
        assertEquals(List.of("127.0.0.1:" + other.port()), peer.header("Host"));
        assertTrue(recorder.takeOpened().areSecretsWithheld());
        end(connection);
    }

    @Test
    void secretsStayWithheldOnTheWayBack() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        Connection connection = open(rig.client);
        Peer first = rig.server.accept();
        first.readRequest();
        redirect(first, 307, elsewhere());
        Peer second = other.accept();
        second.readRequest();
        redirect(second, 307, origin(rig.server) + "/back");
        first.readRequest();
        assertEquals("GET /back?since=6 HTTP/1.1", first.requestLine());
        assertEquals(List.of(), first.header("Authorization"));
        first.answer(first.upgraded());
        assertEquals(2, asked.size());
        assertTrue(recorder.takeOpened().areSecretsWithheld());
        end(connection);
    }

    @Test
    void withSecretsEverythingGoesAlong() throws Exception {
        policy(Answer.FOLLOW_WITH_SECRETS);
        Connection connection = open(rig.client);
        redirect(308, elsewhere());
        Peer peer = other.acceptUpgrade();
        assertEquals("GET /live?token=abc&room=1&since=6 HTTP/1.1", peer.requestLine());
        assertEquals(List.of("Bearer abc"), peer.header("Authorization"));
        assertEquals(List.of("id=abc"), peer.header("Cookie"));
        assertEquals(List.of("abc"), peer.header("X-Api-Key"));
        assertFalse(recorder.takeOpened().areSecretsWithheld());
        end(connection);
    }

    @Test
    void withinTheOriginNobodyIsAskedAndSecretsGoAlong() throws Exception {
        policy(Answer.REFUSE);
        Connection connection = open(rig.client);
        Peer peer = rig.server.accept();
        peer.readRequest();
        redirect(peer, 302, "/elsewhere");
        peer.readRequest();
        assertEquals(List.of("Bearer abc"), peer.header("Authorization"));
        peer.answer(peer.upgraded());
        assertFalse(recorder.takeOpened().areSecretsWithheld());
        assertEquals(List.of(), asked);
        end(connection);
    }

    @ParameterizedTest
    @EnumSource(Answer.class)
    void aClientThatFollowsNoRedirectsFollowsNone(Answer answer) throws Exception {
        policy(answer);
        open(rig.client.newBuilder().followRedirects(false).build());
        redirect(302, "/elsewhere");
        assertRefused(302, "upgrade refused with HTTP 302");
        assertEquals(List.of(), asked);
    }

    @Test
    void aClientThatFollowsNoRedirectsIntoTlsFollowsNone() throws Exception {
        policy(Answer.FOLLOW_WITH_SECRETS);
        open(rig.client.newBuilder().followSslRedirects(false).build());
        redirect(302, elsewhere().replace("http:", "https:"));
        assertRefused(302, "upgrade refused with HTTP 302");
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://", "mailto:me@example.com"})
    void aLocationThatLeadsNowhere(String location) throws Exception {
        policy(Answer.FOLLOW_WITH_SECRETS);
        open(rig.client);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 302 Found", location.isEmpty() ? "X: y" : "Location: " + location, "Content-Length: 0");
        assertRefused(302, "upgrade refused with HTTP 302");
    }

    /** Another attempt would meet the same. */
    @Test
    void aPolicyThatThrowsIsAMistakeOfTheApplication() throws Exception {
        rig.settings = rig.settings.redirects((from, to) -> {
            throw new IllegalStateException("undecided");
        });
        open(rig.client);
        redirect(302, elsewhere());
        assertMistake("IllegalStateException: undecided");
    }

    @Test
    void anAuthenticatorThatThrowsIsAMistakeOfTheApplication() throws Exception {
        open(rig.client
                .newBuilder()
                .authenticator((route, response) -> {
                    throw new IllegalStateException("no token");
                })
                .build());
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 401 Unauthorized", "Content-Length: 0");
        assertMistake("IllegalStateException: no token");
    }

    private void assertMistake(String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void theAuthenticatorAnswersNoServerThatMustNotGetTheSecrets() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        open(rig.client
                .newBuilder()
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", "Bearer fresh")
                        .build())
                .build());
        redirect(307, elsewhere());
        Peer peer = other.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 401 Unauthorized", "Content-Length: 0");
        assertRefused(401, "upgrade refused with HTTP 401");
    }

    @Test
    void secretsStayWithheldThoughAnInterceptorBuildsANewRequest() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        Connection connection = open(rig.client
                .newBuilder()
                .addInterceptor(chain -> chain.proceed(new Request.Builder()
                        .url(chain.request().url())
                        .headers(chain.request().headers())
                        .build()))
                .build());
        redirect(307, elsewhere());
        Peer peer = other.acceptUpgrade();
        assertEquals("GET /live?room=1&since=6 HTTP/1.1", peer.requestLine());
        assertTrue(recorder.takeOpened().areSecretsWithheld());
        end(connection);
    }

    @Test
    void aRequestWithoutSecretsStaysOneThoughAnInterceptorBuildsANewOne() throws Exception {
        HandshakeSecrets withheld =
                HandshakeSecrets.of(Set.of(), Set.of(), null).withheld();
        Request request =
                rig.request().newBuilder().tag(HandshakeSecrets.class, withheld).build();
        OkHttpClient client = rig.client
                .newBuilder()
                .addInterceptor(chain -> chain.proceed(new Request.Builder()
                        .url(chain.request().url())
                        .headers(chain.request().headers())
                        .build()))
                .build();
        Connection connection = rig.open(client, request, null, recorder);
        rig.server.acceptUpgrade();
        assertTrue(recorder.takeOpened().areSecretsWithheld());
        end(connection);
    }

    @Test
    void thePositionInTheQueryGoesAlongWithoutSecrets() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        Connection connection = open(rig.client);
        redirect(302, origin(other) + "/v2/live?token=abc");
        assertEquals("GET /v2/live?since=7 HTTP/1.1", other.acceptUpgrade().requestLine());
        recorder.takeOpened();
        end(connection);
    }

    @Test
    void credentialAndPositionInTheQueryGoAlongWithSecrets() throws Exception {
        policy(Answer.FOLLOW_WITH_SECRETS);
        Connection connection = open(rig.client);
        Peer peer = rig.server.accept();
        peer.readRequest();
        redirect(peer, 302, "/v2/live");
        peer.readRequest();
        assertEquals("GET /v2/live?since=7&token=abc HTTP/1.1", peer.requestLine());
        redirect(peer, 302, origin(other) + "/v3/live?token=other");
        assertEquals(
                "GET /v3/live?token=other&since=7 HTTP/1.1",
                other.acceptUpgrade().requestLine());
        recorder.takeOpened();
        end(connection);
    }

    @Test
    void anApplicationsOwnSubprotocolAndUnknownHeadersAreSecrets() throws Exception {
        policy(Answer.FOLLOW_WITHOUT_SECRETS);
        Request request = secretRequest()
                .newBuilder()
                .header("Sec-WebSocket-Protocol", "base64.bearer.abc")
                .header("Sec-WebSocket-Token", "abc")
                .header("Accept-Token", "abc")
                .build();
        Connection connection = rig.open(rig.client, request, null, recorder);
        redirect(307, elsewhere());
        Peer peer = other.acceptUpgrade();
        for (String secret : List.of("Sec-WebSocket-Protocol", "Sec-WebSocket-Token", "Accept-Token")) {
            assertEquals(List.of(), peer.header(secret), secret);
        }
        recorder.takeOpened();
        end(connection);
    }
}

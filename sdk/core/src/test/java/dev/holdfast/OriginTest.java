package dev.holdfast;

import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.RESUMING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.RedirectPolicy.Answer;
import dev.holdfast.internal.transport.RawServer;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A resumable session whose server sends it to another origin: which credential and which key go along. */
@Tag("slow")
@Timeout(30)
class OriginTest {
    @RegisterExtension
    final ClientRig rig = new ClientRig();

    private final RawServer other = new RawServer();

    @AfterEach
    void close() throws IOException {
        other.close();
    }

    private Peer connect(Answer answer, Credential credential, String... endpoints) throws Exception {
        HoldfastClientBuilder builder = rig.builder()
                .session(Session.resumable())
                .credentialProvider(reason -> CompletableFuture.completedFuture(credential))
                .redirectPolicy((from, to) -> answer);
        for (String endpoint : endpoints) builder.endpoint(endpoint);
        HoldfastClient client = rig.build(builder);
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        return rig.server.accept();
    }

    private static void welcome(Peer peer, String sid) throws IOException {
        peer.text("{\"t\":\"welcome\",\"sid\":\"" + sid + "\",\"key\":\"" + sid + "-key\",\"resumed\":false,"
                + "\"reason\":\"new\",\"last\":\"" + sid + "-0\",\"c\":0,\"ttl\":120000,\"maxUnacked\":1000,"
                + "\"maxBytes\":4194304,\"batch\":256}");
        peer.text("{\"t\":\"live\"}");
    }

    private static String open(Peer peer) throws IOException {
        String open = peer.take().utf8();
        assertTrue(open.contains("\"open\""), open);
        return open;
    }

    @ParameterizedTest
    @CsvSource({"FOLLOW_WITH_SECRETS, true", "FOLLOW_WITHOUT_SECRETS, false"})
    void theCredentialOfTheFirstEnvelopeFollowsARedirectOnlyIfAllowed(Answer answer, boolean follows) throws Exception {
        Peer first = connect(answer, Credential.inOpen("secret"));
        first.readRequest();
        first.answer("HTTP/1.1 307 Go", "Location: http://127.0.0.1:" + other.port() + "/live", "Content-Length: 0");
        String open = open(other.acceptUpgrade());
        assertEquals(follows, open.contains("secret"), open);
        rig.recorder.takeStates(RESUMING);
    }

    @ParameterizedTest
    @CsvSource({"FOLLOW_WITH_SECRETS, true", "FOLLOW_WITHOUT_SECRETS, false"})
    void aReconnectToAnotherOriginTakesSecretsAlongOnlyIfAllowed(Answer answer, boolean follows) throws Exception {
        Peer peer = connected(answer);
        peer.text("{\"t\":\"reconnect\",\"afterMs\":0,\"url\":\"" + other.url() + "?k=v\"}");
        Peer moved = other.acceptUpgrade();
        assertEquals(follows ? List.of("secret") : List.of(), moved.header("X-Token"));
        assertEquals("GET /live?k=v HTTP/1.1", moved.requestLine());
        String open = open(moved);
        assertEquals(follows, open.contains("s1-key"), open);
        assertEquals(follows, open.contains("\"s1\""), open);
    }

    /** In silence it would look like the client's own endpoint, and the server's operator would never learn of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {"/live", "other.example:8080", "ftp://other.example/", "ws://", "ws://other.example:99999/"})
    void aReconnectToWhatIsNoUrlIsAProtocolError(String url) throws Exception {
        Peer peer = connected(Answer.FOLLOW_WITH_SECRETS);
        peer.text("{\"t\":\"reconnect\",\"afterMs\":0,\"url\":\"" + url + "\"}");
        peer.takeClose(4400);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals("server broke the session protocol: url is not a URL of a WebSocket", failure.message());
        assertTrue(failure.willRetry());
    }

    @Test
    void aReconnectToAnotherEndpointOfTheClientTakesSecretsAlong() throws Exception {
        Peer peer = connected(Answer.REFUSE, other.url());
        peer.text("{\"t\":\"reconnect\",\"afterMs\":0,\"url\":\"" + other.url() + "?k=v\"}");
        Peer moved = other.acceptUpgrade();
        assertEquals("GET /live?k=v HTTP/1.1", moved.requestLine());
        assertEquals(List.of("secret"), moved.header("X-Token"));
        assertTrue(open(moved).contains("s1-key"));
    }

    @Test
    void aRedirectToAnotherEndpointOfTheClientTakesSecretsAlong() throws Exception {
        Peer first = connect(Answer.REFUSE, Credential.header("X-Token", "secret"), other.url());
        first.readRequest();
        first.answer("HTTP/1.1 307 Go", "Location: http://127.0.0.1:" + other.port() + "/live", "Content-Length: 0");
        assertEquals(List.of("secret"), other.acceptUpgrade().header("X-Token"));
        rig.recorder.takeStates(RESUMING);
    }

    @Test
    void aHostHeaderOfTheApplicationStaysWithItsServer() throws Exception {
        HoldfastClient client = rig.build(rig.builder(new Request.Builder()
                        .url(rig.server.url())
                        .header("Host", "front.example")
                        .build())
                .session(Session.resumable())
                .redirectPolicy((from, to) -> Answer.FOLLOW_WITH_SECRETS));
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        Peer peer = rig.server.acceptUpgrade();
        assertEquals(List.of("front.example"), peer.header("Host"));
        open(peer);
        welcome(peer, "s1");
        rig.recorder.takeStates(RESUMING, OPEN);
        peer.text("{\"t\":\"reconnect\",\"afterMs\":0,\"url\":\"" + other.url() + "\"}");
        assertEquals(List.of("127.0.0.1:" + other.port()), other.acceptUpgrade().header("Host"));
    }

    /** Without its place in the stream the client would miss messages, and nobody would tell. */
    @Test
    void thePositionInTheQueryFollowsARedirect() throws Exception {
        HoldfastClient client = rig.build(rig.builder()
                .session(Session.resumeFrom(
                        ResumeFrom.jsonPointer("/id").inQuery("since").withStart("7"))));
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        Peer peer = rig.server.accept();
        peer.readRequest();
        assertEquals("GET /live?since=7 HTTP/1.1", peer.requestLine());
        peer.answer("HTTP/1.1 302 Go", "Location: /v2/live", "Content-Length: 0");
        peer.readRequest();
        assertEquals("GET /v2/live?since=7 HTTP/1.1", peer.requestLine());
        peer.answer(peer.upgraded());
        rig.recorder.takeStates(OPEN);
    }

    @Test
    void aReconnectToAnotherOriginIsIgnoredIfRefused() throws Exception {
        Peer peer = connected(Answer.REFUSE);
        peer.text("{\"t\":\"reconnect\",\"afterMs\":0,\"url\":\"" + other.url() + "\"}");
        Peer again = rig.server.acceptUpgrade();
        assertEquals(List.of("secret"), again.header("X-Token"));
        assertTrue(open(again).contains("s1-key"));
    }

    @Test
    void aRefusedRedirectIsAFailureThatIsTriedAgainWithBackoff() throws Exception {
        Peer first = connect(Answer.REFUSE, Credential.header("X-Token", "secret"));
        first.readRequest();
        first.answer("HTTP/1.1 302 Go", "Location: http://127.0.0.1:" + other.port() + "/", "Content-Length: 0");
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(302, failure.httpStatus());
        assertTrue(failure.willRetry());
        assertFalse(failure.retryIn().isZero());
        assertTrue(failure.message().contains("to http://127.0.0.1:" + other.port()), failure.message());
    }

    private Peer connected(Answer answer, String... endpoints) throws Exception {
        Peer peer = connect(answer, Credential.header("X-Token", "secret"), endpoints);
        peer.readRequest();
        assertEquals(List.of("secret"), peer.header("X-Token"));
        peer.answer(peer.upgraded());
        open(peer);
        welcome(peer, "s1");
        rig.recorder.takeStates(RESUMING, OPEN);
        return peer;
    }
}

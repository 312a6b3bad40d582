package dev.holdfast.sample.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.sample.demo.StreamCheck;
import dev.holdfast.sample.fault.FaultProxy;
import dev.holdfast.sample.server.Authenticator;
import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.MessageHandler;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.ServerSession;
import dev.holdfast.sample.server.SessionStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Whom the client talks to: the embedded server, behind a network that fails on demand. Counts what arrives, and says
 * numbered messages of its own. Thread-safe; what blocks says so.
 */
public final class Peer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SessionStore store = SessionStore.inMemory();
    private final StreamCheck arrived = new StreamCheck();
    private final AtomicInteger tokens = new AtomicInteger();
    private final FaultProxy proxy;

    private volatile ReferenceServer server;
    private volatile @Nullable ServerSession session;
    private volatile String goodToken = "";

    /** Guarded by this, so that the numbers go out in order. */
    private int said;

    public Peer() {
        server = start(0);
        proxy = FaultProxy.start(server.port());
    }

    private ReferenceServer start(int port) {
        ReferenceServer started = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withPort(port)
                .withStore(store)
                .withAuth(this::authenticate));
        started.onSession(created -> session = created);
        started.onMessage(handler());
        return started;
    }

    private MessageHandler handler() {
        return (from, seq, payload) -> {
            if (!(payload instanceof Payload.Json json)) return HandlerResult.rejected("binary", "JSON only");
            arrived.arrived(json.value().path("number").asInt());
            return HandlerResult.accepted();
        };
    }

    private Authenticator.Outcome authenticate(@Nullable JsonNode credential) {
        return credential != null && credential.asText().equals(goodToken)
                ? new Authenticator.User("ada")
                : new Authenticator.Unauthenticated("expired", "the token has expired");
    }

    /** Where to connect to: through the faulty network. */
    public String url() {
        return "ws://127.0.0.1:" + proxy.port() + "/live";
    }

    /** A token that the server takes until the next one is asked for, or {@link #expireCredential}. */
    String freshToken() {
        String token = "token-" + tokens.incrementAndGet();
        goodToken = token;
        return token;
    }

    /** What has come from the client. */
    StreamCheck arrived() {
        return arrived;
    }

    /** Says the next numbered message, if there is a session to say it in. */
    synchronized void say(String text) {
        ServerSession current = session;
        if (current != null && current.alive()) current.send(JSON.valueToTree(new Numbered(++said, text)));
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** Stops the server and starts it again, with its messages or without. Blocks. */
    synchronized void restart(boolean keepLog) {
        server.close();
        if (!keepLog) store.loseLogs();
        server = start(server.port());
    }

    void expireSessions() {
        server.expireSessions();
    }

    void expireCredential() {
        goodToken = "";
        ServerSession current = session;
        if (current != null) current.credentialExpired();
    }

    void drain(Duration after) {
        server.drain(after);
    }

    /** Blocks. */
    @Override
    public synchronized void close() {
        proxy.close();
        server.close();
    }
}

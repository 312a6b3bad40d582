package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.fault.FaultProxy;
import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.MessageHandler;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.ServerSession;
import dev.holdfast.sample.server.SessionStore;
import dev.holdfast.sample.server.SignedTokens;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client talks to: the embedded server, behind a network that fails on demand. Counts what arrives, and says
 * numbered messages of its own. Thread-safe; what blocks says so.
 */
public final class Peer implements AutoCloseable {
    private static final int UNAUTHORIZED = 401;
    private static final int UNAUTHENTICATED = 4401;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SignedTokens tokens = new SignedTokens("of a demo".getBytes(StandardCharsets.UTF_8));
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final SessionStore store;
    private final StreamCheck arrived = new StreamCheck();
    private final FaultProxy proxy;
    private volatile ReferenceServer server;
    private volatile @Nullable ServerSession session;

    private final Object saying = new Object();
    /** Guarded by {@link #saying}, so that the numbers go out in order. */
    private int said;

    /** Starts the server, which keeps its sessions in memory. Blocks. */
    public Peer() {
        this(SessionStore.inMemory());
    }

    /** Starts the server. Blocks. */
    Peer(SessionStore store) {
        this.store = store;
        server = start(0);
        proxy = FaultProxy.start(server.port());
    }

    private ReferenceServer start(int port) {
        ReferenceServer started = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withPort(port)
                .withStore(store)
                .withAuth(tokens));
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

    /** Where to connect to: through the faulty network. */
    public String url() {
        return "ws://127.0.0.1:" + proxy.port() + "/live";
    }

    /** A credential that the server takes for so long, or until all are expired. */
    public Credential credential(Duration life) {
        return Credential.bearer(tokens.issue("ada", life)).withLifetime(life);
    }

    /** Whether the server did not take the credential, as happens to one that expires as soon as it is made. */
    public static boolean wantsCredential(ConnectionFailure failure) {
        return failure.httpStatus() == UNAUTHORIZED || failure.closeCode() == UNAUTHENTICATED;
    }

    /** What the system says of the network. */
    public ManualNetworkMonitor network() {
        return network;
    }

    /** What has come from the client. */
    public StreamCheck arrived() {
        return arrived;
    }

    /** Says the next numbered message. Returns false where there is no session to say it in. */
    public boolean say(String text) {
        synchronized (saying) {
            ServerSession current = session;
            if (current == null || !current.alive()) return false;
            current.send(JSON.valueToTree(new Numbered(++said, text)));
            return true;
        }
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** How long bytes are on their way, each way. */
    public void delay(Duration delay) {
        proxy.delay(delay);
    }

    /** How many bytes a second come through each way; 0 for all. */
    public void throttle(long bytesPerSecond) {
        proxy.throttle(bytesPerSecond);
    }

    /** Blocks. */
    void stopServer() {
        server.close();
    }

    /** Blocks. */
    void startServer() {
        server = start(server.port());
    }

    void loseLogs() {
        store.loseLogs();
    }

    void expireSessions() {
        server.expireSessions();
    }

    void expireCredentials() {
        tokens.expireAll();
        store.sessions().forEach(ServerSession::credentialExpired);
    }

    void drain(Duration after) {
        server.drain(after);
    }

    /** Blocks. */
    @Override
    public void close() {
        proxy.close();
        server.close();
    }
}

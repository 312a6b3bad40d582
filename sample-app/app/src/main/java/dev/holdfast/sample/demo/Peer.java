package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.SignedTokens;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.MessageHandler;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.Middlebox;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The client's peer: the embedded server, behind a network that fails on demand. It counts what arrives and sends
 * numbered messages of its own. Thread-safe. Methods that block say so.
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
    /** Guarded by {@link #saying}, so that the numbers are sent in order. */
    private int said;
    /** The ids of messages that the client has not acknowledged, oldest first. Guarded by {@link #saying}. */
    private final Deque<String> unacknowledged = new ArrayDeque<>();
    /** The session of those messages. Guarded by {@link #saying}. */
    private @Nullable ServerSession saidIn;

    private int acknowledged;

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

    /** Returns the URL to connect to, through the faulty network. */
    public String url() {
        return "ws://127.0.0.1:" + proxy.port() + "/live";
    }

    /** Returns a credential that the server accepts for this long, or until all credentials are expired. */
    public Credential credential(Duration life) {
        return Credential.bearer(token(life)).withLifetime(life);
    }

    /** Returns a token that the server accepts for this long, or until all credentials are expired. */
    String token(Duration life) {
        return tokens.issue("ada", life);
    }

    /** Returns whether the server rejected the credential, as happens to one that expires as soon as it is issued. */
    public static boolean wantsCredential(ConnectionFailure failure) {
        return failure.httpStatus() == UNAUTHORIZED || failure.closeCode() == UNAUTHENTICATED;
    }

    /** Returns the monitor that simulates the system's reports about the network. */
    public ManualNetworkMonitor network() {
        return network;
    }

    /** Returns the check of what has arrived from the client. */
    public StreamCheck arrived() {
        return arrived;
    }

    /** Sends the next numbered message. Returns false if there is no session to send it in. */
    public boolean say(String text) {
        synchronized (saying) {
            ServerSession current = session;
            if (current == null || !current.alive()) return false;
            countAcknowledged();
            if (saidIn != current) unacknowledged.clear();
            saidIn = current;
            unacknowledged.add(current.send(JSON.valueToTree(new Numbered(++said, text))));
            return true;
        }
    }

    /** Returns how many messages have been sent. */
    public int said() {
        synchronized (saying) {
            return said;
        }
    }

    /** Returns how many of the sent messages the client has acknowledged. */
    public int acknowledged() {
        synchronized (saying) {
            countAcknowledged();
            return acknowledged;
        }
    }

    private void countAcknowledged() {
        String newest = saidIn == null ? null : saidIn.ackedId();
        if (newest == null || !unacknowledged.contains(newest)) return;
        String id;
        do {
            id = unacknowledged.remove();
            acknowledged++;
        } while (!id.equals(newest));
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** Sets the delay of bytes in each direction. */
    public void delay(Duration delay) {
        proxy.delay(delay);
    }

    /** Sets the limit in bytes per second for each direction; 0 for no limit. */
    public void throttle(long bytesPerSecond) {
        proxy.throttle(bytesPerSecond);
    }

    /** Resets all connections, and lets no new WebSocket pass. */
    void block(Middlebox between) {
        proxy.middlebox(between);
        proxy.cut();
    }

    /** Lets WebSockets pass again, as in another network, which the system reports. */
    void allow() {
        proxy.middlebox(Middlebox.NONE);
        network.changed();
    }

    /** Stops the server. Blocks. */
    void stopServer() {
        server.close();
    }

    /** Starts the server. Blocks. */
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

    /** Closes the server and the network. Blocks. */
    @Override
    public void close() {
        proxy.close();
        server.close();
    }
}

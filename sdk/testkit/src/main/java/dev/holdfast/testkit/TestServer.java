package dev.holdfast.testkit;

import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Session;
import dev.holdfast.Testing;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.Request;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server in memory whose script a test writes, in {@linkplain VirtualTime virtual time}:
 *
 * <pre>{@code
 * TestServer server = TestServer.resumable(time);
 * HoldfastClient client = server.builder().listener(listener).build();
 * client.connect();
 * server.accept().send("hello").cut().accept();
 * }</pre>
 *
 * <p>It accepts every attempt to connect until the test says otherwise. {@code accept}, {@code take} and {@code awaitClose} let
 * time go on; all other methods act at once. Methods that change something return the server.
 *
 * <p>There is no HTTP and no frame on a wire: settings of the client about OkHttp, TLS, redirects, compression and fragments have no
 * effect, and event listeners receive no frames. Everything else works as with a real server.
 *
 * <p>Not thread-safe: for the thread that lets time go on.
 */
public final class TestServer {
    private static final String URL = "ws://test.example/";
    /** Any number: each run has the same. */
    private static final long SEED = 1;

    private final VirtualTime time;
    private final ServerLog log;
    private final ServerRules rules;
    private final MemoryNetwork network;
    private final @Nullable Session session;
    private final Environment environment;
    private final ServerInbox inbox;

    private TestServer(VirtualTime time, Kind kind, @Nullable Session session) {
        this.time = Objects.requireNonNull(time, "time");
        this.session = session;
        this.log = new ServerLog(time);
        this.inbox = new ServerInbox(time, log);
        this.rules = kind.rules(inbox);
        this.network = new MemoryNetwork(time, log, rules);
        Random random = new Random(SEED);
        this.environment = new Environment(
                time.ticker(), time.scheduler(), time.executor(), random, random, new MemoryTransport(time, network));
    }

    /** Makes the rules of a server. */
    private interface Kind {
        ServerRules rules(ServerRules.Application application);
    }

    // ---- kinds of servers ----

    /**
     * {@return a server without sessions} What it sends while no client is connected fails the test.
     *
     * @param time the time of the server and its clients
     */
    public static TestServer plain(VirtualTime time) {
        return new TestServer(time, ServerRules::new, null);
    }

    /**
     * {@return a server that speaks {@code resume.v1.json}} {@link #builder} sets {@link Session#resumable}. It keeps everything
     * it sent, accepts every credential, and states no limits.
     *
     * @param time the time of the server and its clients
     */
    public static TestServer resumable(VirtualTime time) {
        return new TestServer(time, ResumeRules::new, Session.resumable());
    }

    /**
     * {@return a server that keeps what it sent and begins behind the id that the handshake names} The session of the client is
     * the application's to set, see {@link dev.holdfast.ResumeFrom}.
     *
     * @param time the time of the server and its clients
     * @param id the JSON pointer to a message's id, such as {@code /id}
     * @param last returns the id of a handshake, null for none: {@code request -> request.header("Last-Event-ID")}
     */
    public static TestServer lastIdInHandshake(VirtualTime time, String id, Function<Request, @Nullable String> last) {
        Objects.requireNonNull(last, "last");
        return new TestServer(time, a -> new HistoryRules(a, id, last, null), null);
    }

    /**
     * {@return the same if the first message of a connection names the id} {@link #takeText} does not return that message.
     *
     * @param time the time of the server and its clients
     * @param id the JSON pointer to a message's id
     * @param last the JSON pointer to the last id in the first message of a client
     */
    public static TestServer lastIdInMessage(VirtualTime time, String id, String last) {
        return new TestServer(time, a -> new HistoryRules(a, id, null, last), null);
    }

    /** {@return the time of the server and its clients} */
    public VirtualTime time() {
        return time;
    }

    // ---- clients ----

    /** {@return a builder of a client of this server, with the session that the server understands} */
    public HoldfastClientBuilder builder() {
        HoldfastClientBuilder builder = attach(HoldfastClient.builder(URL));
        return session == null ? builder : builder.session(session);
    }

    /**
     * Makes a client connect to this server, whatever its URL is, and live in the server's time. For applications that make
     * the builder themselves.
     *
     * @param builder the builder to change
     * @return the builder
     */
    public HoldfastClientBuilder attach(HoldfastClientBuilder builder) {
        return Testing.environment(builder, environment);
    }

    // ---- the script: connections ----

    /**
     * Accepts connections from now on, and lets time go on until a client is connected; in a resumable session, until the
     * server has answered its {@code open}. Returns at once if one is.
     *
     * @return this server
     * @throws AssertionError if no client is connected after 10 minutes
     */
    public TestServer accept() {
        available();
        time.runUntil(this::isConnected, VirtualTime.LIMIT, () -> log.describe("no client has connected"));
        return this;
    }

    /**
     * Accepts connections from now on.
     *
     * @return this server
     */
    public TestServer available() {
        network.refuse(null);
        return this;
    }

    /**
     * Refuses the upgrade of each connection from now on.
     *
     * @param httpStatus the HTTP status, such as 503
     * @return this server
     */
    public TestServer refuse(int httpStatus) {
        return refuse(httpStatus, Duration.ZERO);
    }

    /**
     * Refuses the upgrade of each connection from now on, with {@code Retry-After}.
     *
     * @param httpStatus the HTTP status, such as 503
     * @param retryAfter how long the client is to wait
     * @return this server
     */
    public TestServer refuse(int httpStatus, Duration retryAfter) {
        network.refuse(() -> MemoryNetwork.refused(httpStatus, retryAfter));
        return this;
    }

    /**
     * Refuses each TCP connection from now on, as a host does on which nothing listens. Connections that exist stay.
     *
     * @return this server
     */
    public TestServer unreachable() {
        network.refuse(MemoryNetwork::unreachable);
        return this;
    }

    /**
     * Resets all connections. New ones are answered as before.
     *
     * @return this server
     */
    public TestServer cut() {
        network.cut();
        return this;
    }

    /**
     * Begins the closing handshake on all connections.
     *
     * @param code a close code that may be sent, such as 1001
     * @param reason at most 123 bytes in UTF-8
     * @return this server
     */
    public TestServer close(int code, String reason) {
        network.send(TestFrame.close(CloseStatus.of(code, reason)));
        return this;
    }

    /**
     * Sets whether a direction is a black hole: nothing comes through, and neither side learns of it. What was sent arrives when
     * the hole is gone. New connections are not answered before.
     *
     * @param direction the direction or both
     * @param on whether it is one
     * @return this server
     */
    public TestServer blackHole(Direction direction, boolean on) {
        network.blackHole(direction, on);
        return this;
    }

    /**
     * Sets the time that everything takes in each direction. Default: 1 ms.
     *
     * @param oneWay not negative
     * @return this server
     */
    public TestServer delay(Duration oneWay) {
        if (oneWay.isNegative()) throw new IllegalArgumentException("delay must not be negative, but was " + oneWay);
        network.delay(oneWay);
        return this;
    }

    /**
     * Ends the server's process and starts another: all connections are reset, sessions and history survive.
     *
     * @return this server
     */
    public TestServer restart() {
        cut();
        rules.restart(true);
        return this;
    }

    /**
     * Ends the server's process and starts another that has lost what it had to send. The next opening of a resumable session
     * reports a lost session, with the reason {@code epoch}.
     *
     * @return this server
     * @throws IllegalStateException if the server is plain
     */
    public TestServer restartLosingLog() {
        cut();
        rules.restart(false);
        return this;
    }

    // ---- the script: messages ----

    /**
     * Sends a text message to every client; in a resumable session, also to those that are not connected at the moment.
     *
     * @param text the message, in a resumable session the content of a JSON string
     * @return this server
     * @throws IllegalStateException if no client, or no session, is there
     */
    public TestServer send(String text) {
        rules.send(TestFrame.text(text), false);
        return this;
    }

    /**
     * Sends JSON. Otherwise as {@link #send(String)}.
     *
     * @param json any JSON value, which is not checked
     * @return this server
     */
    public TestServer sendJson(String json) {
        rules.send(TestFrame.text(json), true);
        return this;
    }

    /**
     * Sends a binary message. Otherwise as {@link #send(String)}.
     *
     * @param bytes the payload
     * @return this server
     */
    public TestServer send(ByteString bytes) {
        rules.send(TestFrame.binary(bytes), false);
        return this;
    }

    /**
     * Sends a text message to every client that is connected, as it is: for a server that breaks the protocol.
     *
     * @param text for example {@code {"t":"unheard of"}}
     * @return this server
     */
    public TestServer sendRaw(String text) {
        network.send(TestFrame.text(text));
        return this;
    }

    /**
     * Sets what the server does with each text message of the application, besides keeping it for {@link #takeText}: an answer,
     * for example.
     *
     * @param handler called with the text while time goes on; it may call the methods that act at once
     * @return this server
     */
    public TestServer onText(Consumer<String> handler) {
        inbox.onText(Objects.requireNonNull(handler, "handler"));
        return this;
    }

    /**
     * Ends all sessions, as if they had expired. The next opening of each reports a lost session. Connections stay.
     *
     * @return this server
     * @throws IllegalStateException if the server is not resumable
     */
    public TestServer expireSessions() {
        rules.endSessions("expired");
        return this;
    }

    /**
     * Rejects the next message of a client.
     *
     * @param code see {@link dev.holdfast.Outcome#code}
     * @param message for people
     * @return this server
     * @throws AssertionError when the message comes, if the server is not resumable
     */
    public TestServer rejectNext(String code, String message) {
        inbox.rejectNext(new ServerRules.Rejection(code, message));
        return this;
    }

    /**
     * Sets whether the server keeps its acknowledgements back. It sends the newest when that ends.
     *
     * @param on whether it does
     * @return this server
     * @throws IllegalStateException if the server is not resumable
     */
    public TestServer holdAcks(boolean on) {
        rules.holdAcks(on);
        return this;
    }

    /**
     * Asks the clients to move to another connection, as a server does that drains.
     *
     * @param within the time in which they are to do it
     * @return this server
     * @throws IllegalStateException if the server is not resumable
     */
    public TestServer askToReconnect(Duration within) {
        rules.askToReconnect(within.toMillis());
        return this;
    }

    ServerLog serverLog() {
        return log;
    }

    // ---- what clients did ----

    /**
     * Takes the next text message of a client's application, in the order of arrival. Lets time go on until it is there.
     *
     * @return the text; for an object, its JSON
     * @throws AssertionError if none is there after 10 minutes, or if the next is binary
     */
    public String takeText() {
        return inbox.take(TestFrame.Kind.TEXT).text();
    }

    /**
     * Takes the next message if it is binary. Otherwise as {@link #takeText}.
     *
     * @return the payload
     */
    public ByteString takeBytes() {
        return inbox.take(TestFrame.Kind.BINARY).payload();
    }

    /**
     * Checks that no message of a client's application is there that was not taken. Lets no time go on.
     *
     * @return this server
     * @throws AssertionError if there is one
     */
    public TestServer assertNothingReceived() {
        inbox.assertEmpty();
        return this;
    }

    /**
     * Takes the next close frame of a client. Lets time go on until it is there.
     *
     * @return its code, 1005 if it has none
     * @throws AssertionError if none is there after 10 minutes
     */
    public int awaitClose() {
        return network.awaitClose();
    }

    /** {@return whether a client is connected, in a resumable session with an answered {@code open}} */
    public boolean isConnected() {
        return network.isConnected();
    }

    /** {@return when each attempt to connect began, oldest first} */
    public List<Duration> attempts() {
        return network.attempts();
    }

    /**
     * {@return the opening handshake of the newest attempt}
     *
     * @throws AssertionError if there was none
     */
    public Request request() {
        return network.request();
    }

    /** {@return the newest 1,000 lines of what happened here, with times} A failed wait shows the last of them. */
    public List<String> log() {
        return log.lines();
    }
}

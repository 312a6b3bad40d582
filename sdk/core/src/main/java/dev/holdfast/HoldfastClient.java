package dev.holdfast;

import dev.holdfast.internal.frame.Utf8Meter;
import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.time.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import okhttp3.Request;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket (RFC 6455) client that stays connected. It detects a dead connection, connects again until the application stops
 * it, and reports what became of each message. One client has one session with one service.
 *
 * <pre>{@code
 * HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
 *         .onMessage((c, message) -> chat.add(message.text()))
 *         .build();
 * client.connect();
 * client.send("hello");
 * }</pre>
 *
 * <p>All methods are safe from any thread. None blocks, except {@link #close(Duration)}, and {@code send} if the queue's overflow
 * policy is {@link Overflow#block}. The client calls the application on its callback executor only, one call after another; see {@link
 * HoldfastListener}.
 *
 * <p>There are three ways to stop:
 *
 * <table>
 *   <caption>Ways to stop</caption>
 *   <tr><th></th><th>{@link #disconnect}</th><th>{@link #close}</th><th>{@link #cancel}</th></tr>
 *   <tr><td>afterwards the client is</td><td>{@link ClientState#IDLE}, and {@link #connect} starts it again</td>
 *       <td>{@link ClientState#CLOSED}, for good</td><td>{@link ClientState#CLOSED}, for good</td></tr>
 *   <tr><td>takes</td><td>one close handshake</td><td>up to the close timeout (10 s)</td><td>no time</td></tr>
 *   <tr><td>messages in the queue</td><td>stay in the queue</td><td>are sent first, if there is or will be a connection</td>
 *       <td>end as CANCELLED</td></tr>
 *   <tr><td>sent messages under way</td><td>are written before the close frame; a resumable session goes on waiting for their
 *       acknowledgements</td><td>are waited for</td><td>end as UNKNOWN</td></tr>
 *   <tr><td>received messages without {@link Message#ack}</td><td>can still be acknowledged</td><td>are forgotten by the server:
 *       acknowledge first, or use {@code disconnect()}</td><td>can no longer be acknowledged</td></tr>
 *   <tr><td>the connection</td><td>gets a close frame with 1001</td><td>gets a close frame with 1000</td><td>is
 *       dropped</td></tr>
 *   <tr><td>a resumable session</td><td>stays on the server until it expires</td><td>is ended on the server</td>
 *       <td>stays on the server until it expires</td></tr>
 * </table>
 */
public final class HoldfastClient implements AutoCloseable {
    /** Logs what the listener ignores. */
    final Warnings warnings;

    private final Payloads payloads;
    private final Utf8Meter meter = new Utf8Meter();
    private final SessionDriver driver;
    private final SessionStartMessages sessionStart;
    private final Delivery.Owner owner;
    private final List<Delivery> restored;
    /** Whether the carrier only receives. */
    private final boolean readOnly;

    HoldfastClient(ClientSettings settings) {
        this.readOnly = settings.isReadOnly();
        this.warnings = new Warnings(settings);
        this.payloads = new Payloads(settings.payloadCodec);
        this.driver = ClientWiring.driver(settings, payloads, this);
        this.owner = new DeliveryOwner(driver, payloads);
        this.sessionStart = new SessionStartMessages(
                payloads,
                driver,
                payload -> delivery(payload, SendOptions.defaults()).outbound());
        this.restored = settings.snapshot == null
                ? Collections.emptyList()
                : Collections.unmodifiableList(restore(settings.snapshot));
        driver.openStore();
    }

    /**
     * Starts to build a client for a server.
     *
     * @param url a {@code ws://} or {@code wss://} URL; {@code http://} and {@code https://} mean the same
     * @return a builder whose other settings are the defaults
     * @throws IllegalArgumentException if {@code url} is not such a URL
     */
    public static HoldfastClientBuilder builder(String url) {
        return new HoldfastClientBuilder(Handshakes.request(url));
    }

    /**
     * Starts to build a client with an opening handshake of the application's own.
     *
     * @param request the URL and headers of the handshake
     * @return a builder whose other settings are the defaults
     * @throws IllegalArgumentException if the request's method is not GET
     */
    public static HoldfastClientBuilder builder(Request request) {
        return new HoldfastClientBuilder(Objects.requireNonNull(request, "request"));
    }

    /**
     * Connects and stays connected until {@link #disconnect}, {@link #close} or {@link #cancel}, or until a failure that
     * another attempt cannot mend. Has no effect during an attempt, while connected, or after {@link #close}.
     *
     * <p>The first attempt starts at once. While the client waits after a failure, this starts the next attempt early; after
     * the client has stopped, it starts again. It does so at most once in 2 s, unless the network has changed since; a call
     * within that time leads to an attempt at its end. So it is safe to call this from {@link HoldfastListener#onState}. It
     * never cuts short a delay that the server asked for, such as {@code Retry-After}; {@link #connectNow} does.
     */
    public void connect() {
        driver.connect();
    }

    /**
     * Connects at once, even if the server asked for a delay, and as often as it is called. Otherwise as {@link #connect}. It
     * is meant for a person's request, such as a button, and not for code that reacts to failures. A {@link ConnectRateLimit}
     * counts the attempt but does not delay it.
     */
    public void connectNow() {
        driver.connectNow();
    }

    /**
     * Sends a text message. The client accepts it in any state except {@link ClientState#CLOSING} and {@link
     * ClientState#CLOSED}; it waits in the queue until it can go.
     *
     * @param text the message; may be empty
     * @return the receipt. It has already ended if the queue did not take the message, if the client is closed, if the
     *     message is larger than the queue or than the server accepts ({@link Outcome.Reason#TOO_LARGE}), or if the client's
     *     {@link Carrier} only receives ({@link Outcome.Reason#READ_ONLY})
     * @throws IllegalStateException if the queue's overflow policy is {@link Overflow#block}, and the current thread is one
     *     that must not wait: {@code Overflow.block} lists them
     */
    public Delivery send(String text) {
        return send(payloads.outgoing(Payload.text(Objects.requireNonNull(text, "text"))), SendOptions.defaults());
    }

    /**
     * Sends a binary message. Otherwise as {@link #send(String)}.
     *
     * @param bytes the payload; may be empty
     * @return the receipt
     */
    public Delivery send(ByteString bytes) {
        return send((Object) Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * Sends a binary message; the bytes are copied. Otherwise as {@link #send(String)}.
     *
     * @param bytes the payload; the caller may change the array afterwards
     * @return the receipt
     */
    public Delivery send(byte[] bytes) {
        return send((Object) Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * Sends an object, which the client's {@link PayloadCodec} writes before this returns; as JSON unless another codec is
     * set. Otherwise as {@link #send(String)}. Text, bytes and a {@link Message} go out as they are, whatever the type of the
     * variable that holds them. The remaining bytes of a {@link java.nio.ByteBuffer} and the content of an {@link okio.Buffer}
     * are copied and go out as a binary message; neither is consumed.
     *
     * @param object text, bytes, a {@link Message}, or an object that the codec can write
     * @return the receipt
     * @throws PayloadException if the object cannot be written
     * @throws IllegalArgumentException if the codec refuses its type, see {@link JacksonCodec}
     */
    public Delivery send(Object object) {
        return send(Objects.requireNonNull(object, "object"), SendOptions.defaults());
    }

    /**
     * Sends text, bytes or an object with options. Otherwise as {@link #send(Object)}.
     *
     * @param message text, bytes, a {@link Message}, or an object that the codec can write
     * @param options priority, expiry and conflation key
     * @return the receipt
     */
    public Delivery send(Object message, SendOptions options) {
        return send(payloads.payload(message), Objects.requireNonNull(options, "options"));
    }

    private Delivery delivery(Payload payload, SendOptions options) {
        if (payload.isMeasured()) return new Delivery(payload, payload.size(), options, owner);
        String text = payload.text();
        if (!meter.isAscii(text)) return new Delivery(payload, meter.lengthOf(text), options, owner);
        Delivery delivery = new Delivery(payload, text.length(), options, owner);
        delivery.outbound().markAscii();
        return delivery;
    }

    /** Returns a message of an earlier process, with a receipt. */
    Outbound outbound(Payload payload, SendOptions options) {
        return delivery(payload, options).outbound();
    }

    private Delivery send(Payload payload, SendOptions options) {
        Delivery delivery = delivery(payload, options);
        Outcome refused = readOnly ? Outcome.readOnly() : driver.send(delivery.outbound());
        // Nobody has the receipt yet, so there is no future to complete.
        if (refused != null) delivery.end(refused);
        return delivery;
    }

    /**
     * Sets a session start message: a message that the client sends at the start of every new session, before queued messages,
     * such as a subscription that the server forgets with the session. It is also sent now if there is a session. It is not
     * sent when a session is resumed. If sessions are not resumable, every connection starts a new one.
     *
     * <p>It has no receipt. If the server rejects it, or accepts none of its size, nothing is reported.
     *
     * @param name identifies the message; a later message with the same name replaces it
     * @param message text, bytes or an object
     * @throws IllegalStateException if there are 1,024 others, or if the client's {@link Carrier} only receives
     * @throws PayloadException if the object cannot be written
     * @throws IllegalArgumentException if the codec refuses the object's type, or if the message is larger than the whole queue
     */
    public void onSessionStart(String name, Object message) {
        if (readOnly) throw new IllegalStateException("the client's carrier only receives: it sends no message");
        sessionStart.put(name, message);
    }

    /**
     * Removes a session start message. Nothing is sent to the server, which may keep the subscription until the session ends.
     *
     * @param name the name under which the message was set; nothing happens if there is none
     */
    public void removeSessionStart(String name) {
        sessionStart.remove(name);
    }

    /**
     * Takes a snapshot of a resumable session, with which another process can resume it ({@link
     * HoldfastClientBuilder#restore}). Take it after {@link #disconnect}. It does not contain what happens later:
     *
     * <ul>
     *   <li>A message that this process receives later is sent again to the process that restores the snapshot.
     *   <li>If this process sends messages later, the restored messages that waited in the queue end as {@link
     *       Outcome.Kind#UNKNOWN}, because they may have been sent.
     *   <li>If this client connects again and sends something, the snapshot is useless: the server changes the session's secret
     *       with each connection, and the process that restores the snapshot loses the session.
     * </ul>
     *
     * @return a future that completes on the callback executor, with an empty value if there is no session. Do not wait for it
     *     in a callback or in another task on the callbacks' thread, see {@link Delivery#outcome}
     */
    public CompletableFuture<Optional<SessionSnapshot>> snapshot() {
        return driver.snapshot((snapshot, waiting) -> snapshot == null
                ? Optional.<SessionSnapshot>empty()
                : Optional.of(SessionSnapshot.of(snapshot, waiting)));
    }

    /**
     * Returns a future of the receipts of the messages that an earlier client left in the {@link HoldfastClientBuilder#store},
     * in the order in which they were sent. Most wait or are sent again; some have ended, and are reported now. Messages that
     * are sent before the store is open wait behind these.
     *
     * @return a future of the caller's own, of an empty list if there is no store. It completes on the callback executor, and
     *     fails with a {@link StoreException} if the store cannot be opened. Do not wait for it in a callback, see {@link #opened}
     */
    public CompletableFuture<List<Delivery>> storeOpened() {
        return driver.storeOpened(DeliveryOwner::receipts);
    }

    /** {@return the receipts of the messages that came with {@link HoldfastClientBuilder#restore}, in order} */
    public List<Delivery> restored() {
        return restored;
    }

    private List<Delivery> restore(SessionSnapshot snapshot) {
        List<Outbound> unacknowledged = new ArrayList<>();
        List<Outbound> waiting = new ArrayList<>();
        List<Delivery> deliveries = snapshot.deliveries(this::delivery, unacknowledged, waiting);
        driver.restore(snapshot.with(unacknowledged), waiting);
        return deliveries;
    }

    /** {@return the current state} A callback may not have reported it yet. */
    public ClientState state() {
        return driver.state();
    }

    /**
     * {@return the payload bytes of the messages that {@code send} took and that no socket has taken yet, as in the
     * WHATWG WebSockets standard: UTF-8 bytes for text, no framing, before compression} In every kind of session these
     * are:
     *
     * <ul>
     *   <li>the messages that wait in the queue;
     *   <li>the messages that were handed to a connection and that it has not written yet;
     *   <li>the messages that are sent again on another connection, if no socket had taken them. A message that a socket had
     *       taken is not counted again.
     * </ul>
     *
     * Session start messages count while they are handed over. 0 means that everything is drained. It does not mean that the
     * server has received everything, see {@link Outcome}.
     */
    public long bufferedAmount() {
        return driver.bufferedAmount();
    }

    /**
     * Returns a future that completes when the queue is below its water marks ({@link OutboundQueue#withWaterMarks}): at once
     * unless it has passed the high mark and is not back at the low one. It promises no room: another sender may be faster.
     *
     * @return a future of the caller's own. It completes on the callback executor and is cancelled when the client ends. Do not
     *     wait for it in a callback or in another task on the callbacks' thread, see {@link Delivery#outcome}
     */
    public CompletableFuture<Void> writable() {
        return driver.writable();
    }

    /**
     * Returns a future of the current opening, or of the next one if the client is not {@link ClientState#OPEN}: {@code
     * client.connect(); client.opened().get(10, SECONDS);}
     *
     * @return a future of the caller's own. It completes on the callback executor, after {@link HoldfastListener#onOpen}. It
     *     fails with a {@link ConnectionFailedException} when the client stops trying, is disconnected, or has ended. Do not
     *     wait for it in a callback or in another task on the callbacks' thread, such as a user interface's main thread: the
     *     SDK cannot detect every such wait, and it would never end, see {@link Delivery#outcome}
     */
    public CompletableFuture<Opening> opened() {
        return driver.opened();
    }

    /**
     * Moves to another connection, for example when the application knows that the server has changed. A resumable session that
     * is open hands over: the old connection serves until the new one is open, and nothing is lost. Any other open connection
     * is closed in order and opened again; the client is {@link ClientState#CONNECTING} in between. If no connection is open,
     * this is {@link #connect}.
     *
     * @return a future of the next opening. It completes, fails and must not be waited for as that of {@link #opened}. It also
     *     fails if no other connection can be opened in six attempts; then the old connection goes on
     */
    public CompletableFuture<Opening> reconnect() {
        return driver.reconnect();
    }

    /**
     * Sends a ping (RFC 6455 section 5.5.2) and measures the time until its pong. If a ping of the heartbeat is under way, its
     * pong is waited for. This does not replace the heartbeat: a missing pong alone ends no connection.
     *
     * @return a future of the round-trip time. It completes on the callback executor. It fails with an {@link
     *     IOException} if the client is not {@link ClientState#OPEN}, when the connection ends, if 16 pings wait
     *     already, or if the client's {@link Carrier} only receives. Do not wait for it in a callback, see {@link #opened}
     */
    public CompletableFuture<Duration> ping() {
        if (!readOnly) return driver.ping();
        CompletableFuture<Duration> none = new CompletableFuture<>();
        none.completeExceptionally(new IOException("the client's carrier only receives: it sends no ping"));
        return none;
    }

    /**
     * {@return a future of the client's end: {@code client.close(); client.closed().get(10, SECONDS);}} It is the caller's own,
     * completes on the callback executor, after {@link HoldfastListener#onClosed}, and never exceptionally. Do not wait for it in
     * a callback, see {@link #opened}
     */
    public CompletableFuture<CloseReason> closed() {
        return driver.closed();
    }

    /** {@return the round-trip time of the newest heartbeat; null before the first} */
    public @Nullable Duration roundTripTime() {
        long nanos = driver.roundTripNanos();
        return nanos < 0 ? null : Duration.ofNanos(nanos);
    }

    /** {@return counters since the client was built, and the current level of its queue} */
    public Metrics metrics() {
        return new Metrics(
                driver.counts(),
                driver.queuedMessages(),
                driver.queuedBytes(),
                driver.bufferedAmount(),
                roundTripTime());
    }

    /**
     * Connects, sends what waits, waits for the outcome of every message, and disconnects: for a background job. If nothing
     * waits, it does not connect. A {@link #connect} in between does not keep it from disconnecting.
     *
     * @param timeout the maximum time until it disconnects, positive
     * @return a future of the receipts of the messages that have no outcome yet, empty if all have one. It completes on the
     *     callback executor when the client is disconnected, at most 5 s after {@code timeout}, and never exceptionally. Do not
     *     wait for it in a callback, see {@link #opened}
     * @throws IllegalArgumentException if {@code timeout} is not positive
     */
    public CompletableFuture<List<Delivery>> drain(Duration timeout) {
        return driver.drain(Durations.positiveNanos("timeout", timeout), DeliveryOwner::receipts);
    }

    /**
     * Closes the connection and keeps the session: {@link #connect} resumes it if the server still has it. Queued messages
     * wait. Returns at once; has no effect while closing or closed. The class description compares the ways to stop.
     */
    public void disconnect() {
        driver.disconnect();
    }

    /**
     * Ends the session when everything that was sent before has ended, within the close timeout. While the client waits to
     * connect again it goes on trying for that time; if it is {@link ClientState#IDLE} it ends at once. What could not be sent
     * ends as {@link Outcome.Kind#CANCELLED}, or as {@link Outcome.Kind#UNKNOWN} if it may have arrived.
     *
     * <p>It does not wait for {@link Message#ack} of received messages: the server forgets those that were not acknowledged.
     * Acknowledge them first, or use {@link #disconnect}.
     *
     * <p>Returns at once; {@link HoldfastListener#onClosed} and {@link #closed} report the end. The deliveries report whether
     * everything was sent; the close code reports how the last connection ended. The SDK's threads are daemons, so a {@code
     * main} that must not lose its last message calls {@link #close(Duration)} last, in a {@code try} with resources too.
     */
    @Override
    public void close() {
        close(1000, "");
    }

    /**
     * Closes like {@link #close()}, with a code and a reason of the application's in the close frame (RFC 6455 section 7.4). A
     * server that answers with them makes them the {@link CloseReason}. They are not sent if there is no connection to close, or
     * if the client is closing already.
     *
     * @param code 1000, or 3000 to 4999: those of libraries and applications
     * @param reason a text for the server, may be empty; at most 123 bytes in UTF-8
     * @throws IllegalArgumentException if {@code code} or {@code reason} is not allowed. Nothing is closed then
     */
    public void close(int code, String reason) {
        driver.close(Checks.farewell(code, reason));
    }

    /**
     * Closes like {@link #close()} and waits for the end: for a {@code main}, a test, or a container that shuts down. {@code
     * timeout} takes the place of the close timeout. If the client is closing already, the earlier limit stays.
     *
     * <p>It returns when the callbacks of the end have run, or 1 s after {@code timeout} if they have not. If the thread is
     * interrupted, it returns at once with the interrupt status set, and the client goes on closing.
     *
     * @param timeout the maximum time to send what is queued, to receive the outcomes, and to close the connection
     * @return true if the client ended in order; false if something could not be sent or was not acknowledged in time, the
     *     server did not finish closing, or the wait ended early. {@link #closed} has the reason
     * @throws IllegalArgumentException if {@code timeout} is not positive
     * @throws IllegalStateException in a callback, on the thread of a user interface that runs the callbacks, and on Android's
     *     main thread: use {@code close()} there. Nothing is closed then
     */
    public boolean close(Duration timeout) {
        return driver.close(Durations.positiveNanos("timeout", timeout));
    }

    /** Ends at once, whatever is queued, with the close code 1006. The server keeps a resumable session until it expires. */
    public void cancel() {
        driver.cancel();
    }

    /** The application acknowledges a message. */
    void handled(Inbound message) {
        driver.handled(message);
    }
}

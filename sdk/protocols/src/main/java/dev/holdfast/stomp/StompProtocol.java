package dev.holdfast.stomp;

import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.PacketProtocol;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Subscription;
import dev.holdfast.internal.session.TextWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * STOMP 1.2. The client's CONNECT carries the credential, and the server's CONNECTED ends the exchange.
 */
final class StompProtocol extends PacketProtocol {
    static final int MAX_CURSOR = 1024;

    final long maxBodyBytes;
    /** How often the client can send something, and how often it wants to hear something, in milliseconds; 0 for never. */
    final long sendsMillis;

    final long wantsMillis;

    private final String host;
    private final String credentialHeader;
    private final Map<String, String> login;
    private final Supplier<? extends Map<String, String>> connectHeaders;
    private Consumer<SessionEvent> machine = event -> {};

    private final boolean receipts;
    private final int retries;
    private final long receiptTimeoutNanos;

    /** Counts subscriptions, receipts and transactions. */
    private final AtomicLong ids = new AtomicLong();
    /** Returns the subscription of an id, null for none. Set before the client is used. */
    private volatile Function<String, @Nullable StompSubscription> subscriptions = id -> null;

    /** The ends of durable subscriptions without a receipt. */
    private final Set<DurableEnd> durableEnds = ConcurrentHashMap.newKeySet();

    /** Counts connections. */
    private final AtomicLong connections = new AtomicLong();

    /** The number of the newest connection on which the client has sent its CONNECT. */
    private volatile long opened;

    /** Confined to the serial context. */
    private final TextWriter writer = new TextWriter();

    private volatile Map<String, String> connected = Collections.emptyMap();

    StompProtocol(StompBuilder builder) {
        super("STOMP sends frames");
        this.maxBodyBytes = builder.maxBodyBytes;
        this.sendsMillis = builder.sendsMillis;
        this.wantsMillis = builder.wantsMillis;
        this.host = builder.host;
        this.credentialHeader = builder.credentialHeader;
        this.login = builder.login();
        this.connectHeaders = builder.connectHeaders;
        this.receipts = builder.receipts;
        this.retries = builder.retries;
        this.receiptTimeoutNanos = builder.receiptTimeoutNanos;
    }

    @Override
    public @Nullable String subprotocol() {
        return "v12.stomp";
    }

    @Override
    public boolean opens() {
        return true;
    }

    /** @param byId returns the subscription of an id, null for none */
    void subscriptions(Function<String, @Nullable StompSubscription> byId) {
        subscriptions = byId;
    }

    // ---- sending ----

    /** Returns a number that no other subscription, receipt or transaction has. */
    long nextId() {
        return ids.incrementAndGet();
    }

    boolean asksForReceipts() {
        return receipts;
    }

    long receiptTimeoutNanos() {
        return receiptTimeoutNanos;
    }

    /**
     * Makes a packet that asks for a receipt, if the client does.
     *
     * @param once whether it is never sent again
     * @param content what is known of the packet; null for nothing
     * @param parts its frames, from the header that asks for the receipt
     */
    Packet packet(boolean once, @Nullable Object content, Function<Map<String, String>, Stomp.Parts> parts) {
        return packet(nextReceipt(), once, content, parts);
    }

    private Packet packet(
            long receipt, boolean once, @Nullable Object content, Function<Map<String, String>, Stomp.Parts> parts) {
        Stomp.Parts made = parts.apply(SendText.asking(receipt));
        if (receipt == 0) return Packet.of(made.text, made.binary, content);
        int tries = once ? 1 : 1 + retries;
        return Packet.acknowledged(made.text, made.binary, receipt, tries, receiptTimeoutNanos)
                .withContent(content);
    }

    /** Returns the id of the next receipt, 0 if the client asks for none. */
    private long nextReceipt() {
        return receipts ? nextId() : 0;
    }

    /**
     * Makes the packet of a SEND frame.
     *
     * @param headers the application's; nobody changes it
     */
    Packet send(String destination, Map<String, String> headers, Body body) {
        long receipt = nextReceipt();
        SendText unmade = SendText.of(destination, headers, body, receipt);
        if (unmade == null) {
            return packet(receipt, false, StoredSend.CONTENT, asking -> {
                Body.Send frame = body.send(destination, headers, asking);
                String text = frame.text;
                return text != null
                        ? new Stomp.Parts(text, Collections.emptyList())
                        : new Stomp.Parts("", Collections.singletonList(frame.bytes()));
            });
        }
        return receipt == 0
                ? Packet.of(unmade, StoredSend.CONTENT)
                : Packet.acknowledged(unmade, receipt, 1 + retries, receiptTimeoutNanos, StoredSend.CONTENT);
    }

    // ---- storing ----

    @Override
    public Payload restored(Payload original) {
        StoredSend send = StoredSend.of(original);
        return send == null ? super.restored(original) : Payload.packet(packet(false, StoredSend.CONTENT, send::parts));
    }

    // ---- subscriptions ----

    @Override
    public void attach(Consumer<SessionEvent> newMachine) {
        machine = newMachine;
    }

    void subscribe(Subscription subscription) {
        machine.accept((of, none, now) -> of.protocolInput.subscribe(subscription, null, now));
    }

    void unsubscribe(String id) {
        machine.accept((of, none, now) -> of.protocolInput.unsubscribe(id, now));
    }

    void unsubscribe(DurableEnd end) {
        durableEnds.add(end);
        subscribe(end);
    }

    void forget(DurableEnd end) {
        durableEnds.remove(end);
    }

    /** Handles the broker's ERROR in answer to a frame. */
    void refused(long receipt, String message) {
        for (DurableEnd end : durableEnds) end.refused(receipt, message);
    }

    /** Returns what the client knows of a MESSAGE of the subscription with that id. */
    Received received(String subscription, Frame message, long from) {
        return new Received(message, from, subscriptions.apply(subscription));
    }

    // ---- reading ----

    @Override
    public ProtocolReader reader() {
        return new StompReader(this, connections.incrementAndGet());
    }

    void connected(Map<String, String> headers) {
        connected = headers;
    }

    /** Returns the headers of the newest CONNECTED. */
    Map<String, String> connected() {
        return connected;
    }

    /** Returns the number of the newest connection, for frames that must not go out on another. */
    long connection() {
        return opened;
    }

    // ---- writing ----

    @Override
    public void writeOpen(Open open, Wire wire) {
        opened = connections.get();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("accept-version", "1.2");
        headers.put("host", host);
        headers.put("heart-beat", sendsMillis + "," + wantsMillis);
        headers.putAll(login);
        try {
            headers.putAll(connectHeaders.get());
            if (open.auth != null) headers.put(credentialHeader, open.auth);
            Frame.check(headers, false);
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        write(Frame.text("CONNECT", headers), wire);
    }

    private static void write(String frame, Wire wire) {
        wire.text(frame, Utf8Length.of(frame));
    }

    @Override
    protected void writeText(Packet.Text text, Wire wire) {
        ((SendText) text).write(writer);
        writer.send(wire);
    }

    @Override
    public void writeBye(Wire wire) {
        write(Frame.text("DISCONNECT", Collections.singletonMap("receipt", StompReader.BYE)), wire);
    }
}

package dev.holdfast.graphql;

import dev.holdfast.PayloadCodec;
import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.PacketProtocol;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The subprotocol {@code graphql-transport-ws}. The client opens with {@code connection_init}, which may carry the credential, and
 * {@code connection_ack} is the server's welcome. Nothing of a session outlives a connection but the subscriptions, which are
 * begun again, and nothing outlives the process but their cursors.
 */
final class GraphQlProtocol extends PacketProtocol {
    /** The first character of the ids of queries and mutations. A number follows, unique in the client. */
    static final char CALL = 'q';
    /** The first character of the ids of subscriptions. */
    static final char SUBSCRIPTION = 's';

    final Supplier<PayloadCodec> codec;
    private final @Nullable Supplier<?> initPayload;
    private final Function<? super String, ? extends Map<String, ?>> credentialPayload;

    private final Map<String, ActiveSubscription> subscriptions = new ConcurrentHashMap<>();
    private volatile Consumer<SessionEvent> machine = event -> {};

    /** Counts connections. */
    private final AtomicLong connections = new AtomicLong();
    /** The number of the newest connection on which the client has sent its first message. */
    private volatile long opened;

    /** @param initPayload called for each connection; null for nothing */
    GraphQlProtocol(
            Supplier<PayloadCodec> codec,
            @Nullable Supplier<?> initPayload,
            Function<? super String, ? extends Map<String, ?>> credentialPayload) {
        super("GraphQL sends operations: use execute, not send");
        this.codec = codec;
        this.initPayload = initPayload;
        this.credentialPayload = credentialPayload;
    }

    @Override
    public String subprotocol() {
        return "graphql-transport-ws";
    }

    @Override
    public boolean opens() {
        return true;
    }

    @Override
    public void attach(Consumer<SessionEvent> newMachine) {
        machine = newMachine;
    }

    /** Returns the number of the newest connection. */
    long connection() {
        return opened;
    }

    // ---- subscriptions ----

    void subscribe(ActiveSubscription subscription) {
        subscriptions.put(subscription.name(), subscription);
        machine.accept((to, none, now) -> to.protocolInput.subscribe(subscription, subscription.start(), now));
    }

    void unsubscribe(ActiveSubscription subscription) {
        machine.accept((to, none, now) -> to.protocolInput.unsubscribe(subscription.name(), now));
    }

    /** Ends a query or a mutation that its caller no longer wants. */
    void abandon(long number) {
        machine.accept((to, none, now) -> to.protocolInput.onAbandoned(number, now));
    }

    /** Forgets a subscription that has ended. Returns false if it was forgotten before. */
    boolean remove(ActiveSubscription subscription) {
        return subscriptions.remove(subscription.name(), subscription);
    }

    @Nullable
    ActiveSubscription subscription(String id) {
        return subscriptions.get(id);
    }

    List<ActiveSubscription> subscriptions() {
        return new ArrayList<>(subscriptions.values());
    }

    // ---- reading ----

    @Override
    public ProtocolReader reader() {
        return new MessageReader(this, connections.incrementAndGet());
    }

    // ---- writing ----

    static String complete(String id) {
        return "{\"id\":" + Json.quoted(id) + ",\"type\":\"complete\"}";
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        String payload;
        try {
            payload = payload(open.auth);
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        opened = connections.get();
        String text = "{\"type\":\"connection_init\"" + payload + '}';
        wire.text(text, Utf8Length.of(text));
    }

    /** Returns the payload of the first message as a member of it; empty for none. */
    private String payload(@Nullable String credential) {
        StringBuilder json = new StringBuilder();
        if (credential != null) json.append(members(credentialPayload.apply(credential)));
        Object own = initPayload == null ? null : initPayload.get();
        if (own != null) {
            String members = members(own);
            if (json.length() > 0 && !members.isEmpty()) json.append(',');
            json.append(members);
        }
        return json.length() == 0 ? "" : ",\"payload\":{" + json + '}';
    }

    /** Returns an object's JSON without its braces. */
    private String members(Object object) {
        String json = Json.of(object, codec).trim();
        if (json.length() < 2 || json.charAt(0) != '{' || json.charAt(json.length() - 1) != '}') {
            throw new IllegalArgumentException("the payload of connection_init must be an object in JSON");
        }
        return json.substring(1, json.length() - 1).trim();
    }

    /** The protocol has no farewell but the close frame. An unsolicited {@code pong} is allowed at any time, and means nothing. */
    @Override
    public void writeBye(Wire wire) {
        String text = "{\"type\":\"pong\"}";
        wire.text(text, text.length());
    }
}

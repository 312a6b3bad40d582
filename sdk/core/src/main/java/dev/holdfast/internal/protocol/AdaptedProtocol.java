package dev.holdfast.internal.protocol;

import dev.holdfast.EncodedPayload;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A protocol of the public interface as the machine's protocol. */
public final class AdaptedProtocol implements SessionProtocol {
    final Protocol protocol;
    private final @Nullable String subprotocol;
    private final Protocol.OpenedBy openedBy;
    private final @Nullable Packet farewell;

    /** The subscriptions that go on, by their names. */
    private final Map<String, AdaptedSubscription> subscriptions = new ConcurrentHashMap<>();

    /** The connection to which the machine writes, null before the first. Confined to the serial context. */
    private @Nullable AdaptedConnection current;

    public AdaptedProtocol(Protocol protocol) {
        this.protocol = Objects.requireNonNull(protocol, "protocol");
        this.subprotocol = protocol.subprotocol();
        this.openedBy = Objects.requireNonNull(protocol.openedBy(), "openedBy");
        Outgoing last = protocol.farewell();
        this.farewell = last == null ? null : Packets.control(last, "the farewell");
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public boolean isResumable() {
        return false;
    }

    @Override
    public boolean opens() {
        return openedBy != Protocol.OpenedBy.NOBODY;
    }

    @Override
    public boolean serverOpens() {
        return openedBy == Protocol.OpenedBy.SERVER;
    }

    @Override
    public boolean saysBye() {
        return farewell != null;
    }

    // ---- the application ----

    /** Returns a message of the application's as the protocol sends it. Safe from any thread. */
    public Payload outgoing(EncodedPayload payload) {
        Outgoing message = Objects.requireNonNull(protocol.outgoing(payload), "outgoing");
        return Payload.packet(Packets.of(message, Packets.payload(payload)));
    }

    /** Returns a message that the protocol's own code has made. Safe from any thread. */
    public Payload outgoing(Outgoing message) {
        return Payload.packet(Packets.of(message, null));
    }

    @Override
    public void attach(Consumer<SessionEvent> machine) {
        protocol.attach(new ProtocolClient() {
            @Override
            public void subscribe(Subscription subscription, @Nullable String cursor) {
                AdaptedSubscription adapted = new AdaptedSubscription(subscription, subscriptions::remove);
                over(subscriptions.put(adapted.name(), adapted));
                machine.accept((to, none, now) -> to.protocolInput.subscribe(adapted, cursor, now));
            }

            @Override
            public void unsubscribe(String name) {
                over(subscriptions.remove(Objects.requireNonNull(name, "name")));
                machine.accept((to, none, now) -> to.protocolInput.unsubscribe(name, now));
            }

            @Override
            public void abandon(long ackId) {
                machine.accept((to, none, now) -> to.protocolInput.onAbandoned(ackId, now));
            }
        });
    }

    /** Ends a subscription at once: what the application does not have yet counts as not handled. */
    private static void over(@Nullable AdaptedSubscription subscription) {
        if (subscription != null) subscription.over();
    }

    // ---- reading ----

    @Override
    public ProtocolReader reader() {
        return new AdaptedConnection(this);
    }

    /** Records the connection to which the machine writes from now on. */
    void opened(AdaptedConnection connection) {
        current = connection;
    }

    @Override
    public SessionEvent readText(Utf8Text text) {
        throw new IllegalStateException("each connection has its reader");
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        throw new IllegalStateException("each connection has its reader");
    }

    // ---- writing ----

    @Override
    public void writeMessage(Outbound message, Wire wire) {
        Packet packet = message.payload().packet();
        if (packet == null) throw new IllegalStateException("message that the protocol has not made");
        Packets.write(packet, wire);
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        AdaptedConnection connection = current;
        if (connection == null) throw new IllegalStateException("no connection");
        Packet packet;
        try {
            packet = Packets.control(connection.connection().open(open.auth), "the message that opens a session");
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        Packets.write(packet, wire);
    }

    @Override
    public void writeBye(Wire wire) {
        if (farewell == null) throw new IllegalStateException("the protocol has no farewell");
        Packets.write(farewell, wire);
    }

    @Override
    public void writeBatch(List<Outbound> messages, Wire wire) {
        throw new IllegalStateException("the protocol has no batches");
    }

    @Override
    public void writeAuth(String auth, Wire wire) {
        throw new IllegalStateException("a credential is not renewed on a connection");
    }

    @Override
    public void writeAck(String last, Wire wire) {
        throw new IllegalStateException("the session has no numbers");
    }
}

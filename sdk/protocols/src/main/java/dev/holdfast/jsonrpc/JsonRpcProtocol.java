package dev.holdfast.jsonrpc;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.PacketProtocol;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import okio.ByteString;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/** JSON-RPC 2.0, one object or batch in each text message. There is no opening exchange. Safe from any thread. */
final class JsonRpcProtocol extends PacketProtocol {
    private static final String NOTIFICATION = JsonRpc.head(null) + ",\"method\":";

    private final @Nullable String subprotocol;
    private final AtomicLong ids = new AtomicLong();
    /** Counts connections. */
    private final AtomicLong connections = new AtomicLong();
    /** The ids of the batch that a call belongs to, for the calls of batches. */
    private final Map<Long, List<Long>> batches = new ConcurrentHashMap<>();

    private volatile Consumer<SessionEvent> machine = event -> {};

    JsonRpcProtocol(@Nullable String subprotocol) {
        super("JSON-RPC sends calls: use call, not send");
        this.subprotocol = subprotocol;
    }

    @Override
    public void attach(Consumer<SessionEvent> newMachine) {
        machine = newMachine;
    }

    /** Returns a notification, which a store keeps as it is. A call is not stored: its future dies with the process. */
    static Packet notification(String text) {
        return Packet.of(text, Collections.emptyList(), Payload.json(text));
    }

    @Override
    public Payload restored(Payload original) {
        boolean mine = original.kind() == Payload.Kind.JSON && original.text().startsWith(NOTIFICATION);
        return mine ? Payload.packet(notification(original.text())) : super.restored(original);
    }

    /** Hands an event to the machine. */
    void post(SessionEvent event) {
        machine.accept(event);
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    /** Returns an id for a call, which no other one of the client has. */
    long nextId() {
        return ids.incrementAndGet();
    }

    /** Makes the answer to a call one to its whole batch. */
    void joinBatch(long id, List<Long> batch) {
        batches.put(id, batch);
    }

    /** Forgets a call that has its answer. */
    void leaveBatch(long id) {
        batches.remove(id);
    }

    /** Returns the ids of all calls of the batches that have an answer among the messages. */
    Set<Long> batch(List<IncomingMessage> messages) {
        Set<Long> ids = new LinkedHashSet<>();
        for (IncomingMessage message : messages) {
            List<Long> batch = message.isResponse() ? batches.get(message.id) : null;
            if (batch != null) ids.addAll(batch);
        }
        return ids;
    }

    /** Returns whether no connection was begun after the one of that number. */
    boolean isCurrent(long connection) {
        return connections.get() == connection;
    }

    /** Ends a call that its caller no longer wants, or the batch that begins with it. */
    void abandon(long id) {
        post((to, none, now) -> to.protocolInput.onAbandoned(id, now));
    }

    // ---- reading ----

    @Override
    public ProtocolReader reader() {
        return new Reader(connections.incrementAndGet());
    }

    /** The reader of one connection. */
    private final class Reader implements ProtocolReader {
        private final long connection;

        Reader(long connection) {
            this.connection = connection;
        }

        @Override
        public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
            return read(text.string(), text.size());
        }

        /** Some servers send their text as binary messages. */
        @Override
        public SessionEvent readBinary(ByteString bytes) {
            String text = bytes.utf8();
            boolean isText = Utf8.size(text) == bytes.size()
                    && ByteString.encodeUtf8(text).equals(bytes);
            return isText ? read(text, bytes.size()) : bad("binary message that is not UTF-8");
        }

        private SessionEvent read(String text, int cost) {
            List<IncomingMessage> messages;
            try {
                messages = IncomingMessage.parse(text);
            } catch (BadMessageException e) {
                return bad(String.valueOf(e.getMessage()));
            }
            Received received = new Received(messages, IncomingMessage.isBatch(text), connection);
            Payload payload = Payload.read(received, cost);
            long ackId = answered(messages);
            return ackId == IncomingMessage.NO_ID
                    ? (client, from, now) -> client.onMessage(from, null, payload, cost, now)
                    : (client, from, now) -> client.protocolInput.onAcknowledged(from, ackId, payload, cost, now);
        }

        /**
         * Returns the id of the packet that messages answer. A batch that has anything but answers counts as a message, because an
         * answer that nothing waits for would be dropped with the rest.
         */
        private long answered(List<IncomingMessage> messages) {
            long ackId = IncomingMessage.NO_ID;
            for (IncomingMessage message : messages) {
                if (!message.isResponse() || message.id == IncomingMessage.NO_ID) return IncomingMessage.NO_ID;
                List<Long> batch = batches.get(message.id);
                ackId = batch == null ? message.id : batch.get(0);
            }
            return ackId;
        }
    }

    private static SessionEvent bad(String fault) {
        return (client, from, now) -> client.onProtocolError(from, fault, now);
    }

    // ---- writing ----

    @Override
    public void writeOpen(Open open, Wire wire) {
        throw new IllegalStateException("there is no opening exchange");
    }

    @Override
    public void writeBye(Wire wire) {
        throw new IllegalStateException("there is no message that ends the session");
    }
}

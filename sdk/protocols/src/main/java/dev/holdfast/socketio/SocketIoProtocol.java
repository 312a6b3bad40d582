package dev.holdfast.socketio;

import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.PacketProtocol;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.TextWriter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Socket.IO v4 (protocol revision 5) over Engine.IO v4, for one namespace. The server speaks first; the client's CONNECT
 * carries the credential, and the private id and the offset of the session to recover; the server replays and confirms.
 */
final class SocketIoProtocol extends PacketProtocol {
    private static final char MESSAGE = '4';

    final String namespace;
    final int maxAttachments;
    final long maxEventBytes;
    private final @Nullable Supplier<?> auth;
    private final Supplier<PayloadCodec> codec;
    private volatile Consumer<SessionEvent> machine = event -> {};

    private final String eventHead;
    /** Confined to the serial context. */
    private final TextWriter writer = new TextWriter();

    /** The content of events that a store can keep. */
    final Packet.Original storable = packet -> StoredEvent.original(this, packet);

    private final AtomicLong ackIds = new AtomicLong();
    /** Counts connections. */
    private final AtomicLong connections = new AtomicLong();

    /** The number of the newest connection on which the client has sent its CONNECT. */
    private volatile long opened;
    /** The private id in that CONNECT, null if it asked for nothing. Confined to the serial context, as the next. */
    private @Nullable String askedPid;

    private boolean recovers;
    private volatile @Nullable String sid;

    /**
     * @param auth called for each connection; null for nothing
     * @param maxEventBytes the bytes of the attachments of a received packet
     */
    SocketIoProtocol(
            String namespace,
            int maxAttachments,
            long maxEventBytes,
            @Nullable Supplier<?> auth,
            Supplier<PayloadCodec> codec) {
        super("Socket.IO sends events: use emit, not send");
        this.namespace = namespace;
        this.maxAttachments = maxAttachments;
        this.maxEventBytes = maxEventBytes;
        this.auth = auth;
        this.codec = codec;
        this.eventHead = head("2");
    }

    @Override
    public @Nullable String subprotocol() {
        return null;
    }

    @Override
    public boolean opens() {
        return true;
    }

    @Override
    public boolean serverOpens() {
        return true;
    }

    @Override
    public void attach(Consumer<SessionEvent> newMachine) {
        machine = newMachine;
    }

    /** Ends an event whose acknowledgement the application no longer wants. */
    void abandon(long ackId) {
        machine.accept((to, none, now) -> to.protocolInput.onAbandoned(ackId, now));
    }

    /** Returns an id for an acknowledgement, which no other one of the client has. */
    long nextAckId() {
        return ackIds.incrementAndGet();
    }

    // ---- storing ----

    @Override
    public Payload restored(Payload original) {
        return Payload.packet(StoredEvent.restored(this, original));
    }

    // ---- reading ----

    @Override
    public ProtocolReader reader() {
        return new PacketReader(this, connections.incrementAndGet());
    }

    /** Records what the current connection has said. */
    void connected(String newSid, boolean canBeRecovered) {
        sid = newSid;
        recovers = canBeRecovered;
    }

    /** Returns the id of the newest session, null before the first. */
    @Nullable
    String sid() {
        return sid;
    }

    /** Returns whether the server of the newest session recovers sessions, and so adds offsets to events. */
    boolean recovers() {
        return recovers;
    }

    @Nullable
    String askedPid() {
        return askedPid;
    }

    /** Returns the number of the newest connection, for packets that must not go out on another. */
    long connection() {
        return opened;
    }

    // ---- writing ----

    @Override
    protected void writeText(Packet.Text text, Wire wire) {
        ((EventText) text).write(writer);
        writer.send(wire);
    }

    /** Returns the start of an event without attachments, before its JSON. */
    String eventHead(long ackId) {
        return ackId == 0 ? eventHead : eventHead + ackId;
    }

    /** Returns the start of a packet: its types, and the namespace unless it is the main one. */
    String head(String type) {
        String start = MESSAGE + type;
        return namespace.equals("/") ? start : start + namespace + ',';
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        String payload;
        try {
            payload = payload(open);
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        opened = connections.get();
        String text = head("0") + payload;
        wire.text(text, Utf8Length.of(text));
    }

    /** Returns the payload of a CONNECT: the members of the application's object, and what recovers the session. */
    private String payload(Open open) {
        StringBuilder json = new StringBuilder("{");
        String pid = open.key;
        boolean asks = pid != null && !pid.isEmpty() && open.last != null;
        askedPid = asks ? pid : null;
        if (asks) add(add(json, "pid", String.valueOf(pid)), "offset", String.valueOf(open.last));
        if (open.auth != null) add(json, "token", open.auth);
        Object object = auth == null ? null : auth.get();
        if (object != null) {
            String members = members(Arguments.json(object, codec));
            if (json.length() > 1 && !members.isEmpty()) json.append(',');
            json.append(members);
        }
        return json.length() == 1 ? "" : json.append('}').toString();
    }

    private static StringBuilder add(StringBuilder json, String name, String value) {
        if (json.length() > 1) json.append(',');
        return json.append('"').append(name).append("\":").append(Json.quoted(value));
    }

    /** Returns an object's JSON without its braces. */
    private static String members(EncodedPayload object) {
        String json = object.text().trim();
        if (json.length() < 2 || json.charAt(0) != '{' || json.charAt(json.length() - 1) != '}') {
            throw new IllegalArgumentException("auth must be an object in JSON");
        }
        return json.substring(1, json.length() - 1).trim();
    }

    @Override
    public void writeBye(Wire wire) {
        String text = head("1");
        wire.text(text, Utf8Length.of(text));
    }
}

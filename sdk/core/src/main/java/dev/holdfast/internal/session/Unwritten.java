package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The entries that the connection was given and has not written, in order: messages, and envelopes of the session
 * between them.
 *
 * <p>Not thread-safe.
 */
final class Unwritten {
    /** The entry for an envelope of the session itself. */
    private static final Outbound ENVELOPE = new Outbound(Payload.text(""), 0, "envelope");

    /** The entry for an acknowledgement. */
    private static final Outbound ACKNOWLEDGEMENT = new Outbound(Payload.text(""), 0, "acknowledgement");

    /** The receipt of a control message. */
    private static final Object CONTROL = "control";

    private static final int MAX_CONTROLS = 64 * 1024;
    private static final long MAX_CONTROL_BYTES = 16 * 1024 * 1024;

    private final ArrayDeque<Outbound> entries = new ArrayDeque<>(1);
    private long bytes;
    private int controls;
    private long controlBytes;

    /** Returns whether nothing waits but control messages, which have no outcome. */
    boolean isEmpty() {
        return entries.size() == controls;
    }

    /** Returns the payload bytes of the messages, without control messages: these must not keep them from going out. */
    long bytes() {
        return bytes;
    }

    void add(Outbound message) {
        entries.add(message);
        bytes += message.bytes();
    }

    /** Adds the packet that begins a subscription. */
    void addStart(Packet packet, Subscriptions.Entry subscription) {
        add(new Outbound(Payload.packet(packet), packet.bytes(), subscription));
    }

    /** Adds a control message, of any size if no other waits. Returns false if there is no room for it. */
    boolean addControl(Packet packet) {
        if (controls >= MAX_CONTROLS || (controls > 0 && controlBytes + packet.bytes() > MAX_CONTROL_BYTES))
            return false;
        controls++;
        controlBytes += packet.bytes();
        entries.add(new Outbound(Payload.packet(packet), packet.bytes(), CONTROL));
        return true;
    }

    /** Returns the number of control messages. */
    int controls() {
        return controls;
    }

    /** Returns the bytes of the control messages. */
    long controlBytes() {
        return controlBytes;
    }

    /** Records that an entry was written, if it began a subscription. */
    static void startWritten(Outbound entry) {
        if (entry.receipt() instanceof Subscriptions.Entry) ((Subscriptions.Entry) entry.receipt()).unwritten--;
    }

    void addEnvelope() {
        entries.add(ENVELOPE);
    }

    void addAcknowledgement() {
        entries.add(ACKNOWLEDGEMENT);
    }

    static boolean isMessage(Outbound entry) {
        return entry != ENVELOPE
                && entry != ACKNOWLEDGEMENT
                && entry.receipt() != CONTROL
                && !(entry.receipt() instanceof Subscriptions.Entry);
    }

    static boolean isAcknowledgement(Outbound entry) {
        return entry == ACKNOWLEDGEMENT;
    }

    /** Removes the oldest entry. */
    Outbound remove() {
        Outbound entry = entries.remove();
        if (entry.receipt() == CONTROL) {
            controls--;
            controlBytes -= entry.bytes();
        } else {
            bytes -= entry.bytes();
        }
        return entry;
    }

    /** Removes the oldest message and everything before it; returns null if there is no message left. */
    @Nullable
    Outbound pollMessage() {
        while (!entries.isEmpty()) {
            Outbound entry = remove();
            if (isMessage(entry)) return entry;
        }
        return null;
    }

    void clear() {
        entries.clear();
        bytes = 0;
        controls = 0;
        controlBytes = 0;
    }
}

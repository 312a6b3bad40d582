package dev.holdfast.internal.session;

import java.util.ArrayList;
import java.util.List;

/**
 * Small messages that share a frame, where the server allows it ({@code docs/protocol.md} section 7). The first that
 * could go waits for others; when its time is up all go that can.
 */
final class Batch {
    /** Payload bytes that share a frame. Escaped, at most six times as many, and with their envelopes a little more. */
    private static final long MAX_BYTES = 16 * 1024;

    private int most;
    private long windowNanos;
    private boolean stopped;
    private boolean waiting;
    /** From then on messages go, for as long as any are left. */
    private long due = SessionMachine.NEVER;

    private List<Outbound> messages = new ArrayList<>();
    private long bytes;

    void allow(int most, long windowNanos) {
        this.most = most;
        this.windowNanos = windowNanos;
    }

    /** On the next connection the server says anew. */
    void forbid() {
        most = 0;
        over();
    }

    /** Nothing waits any more. The next message begins another wait. */
    void over() {
        waiting = false;
        due = SessionMachine.NEVER;
    }

    void stopWaiting() {
        stopped = true;
    }

    /** Whether a message that could go is to wait. */
    boolean waits(long now) {
        if (most < 2 || windowNanos == 0 || stopped) return false;
        if (due == SessionMachine.NEVER) due = now + windowNanos;
        waiting = now < due;
        return waiting;
    }

    /** What waits goes, as far as it can. */
    void go() {
        waiting = false;
    }

    /** When {@link #waits} ends, if it does by itself. */
    long due() {
        return waiting ? due : SessionMachine.NEVER;
    }

    /** The message goes now, with those before it or on its own. */
    void add(Outbound message, List<Effect> out) {
        boolean alone = most < 2 || message.payload().kind() == Payload.Kind.BINARY || message.bytes() > MAX_BYTES;
        if (alone || messages.size() == most || bytes + message.bytes() > MAX_BYTES) end(out);
        if (alone) {
            send(message, out);
        } else {
            messages.add(message);
            bytes += message.bytes();
        }
    }

    /** No other joins those that were added. */
    void end(List<Effect> out) {
        if (messages.isEmpty()) return;
        List<Outbound> together = messages;
        messages = new ArrayList<>();
        bytes = 0;
        int last = together.size() - 1;
        if (last == 0) {
            send(together.get(0), out);
            return;
        }
        for (int i = 0; i <= last; i++) together.get(i).setJoined(i < last);
        out.add(driver -> driver.sendBatch(together));
    }

    private static void send(Outbound message, List<Effect> out) {
        message.setJoined(false);
        out.add(driver -> driver.sendMessage(message));
    }
}

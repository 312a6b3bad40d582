package dev.holdfast.internal.session;

import java.util.ArrayList;
import java.util.List;

/**
 * Small messages that share a frame, if the server allows it ({@code docs/protocol.md} section 7). The first message
 * that could be sent waits for others; when its time is up, all messages that can be sent go out.
 */
final class Batch {
    /**
     * The maximum of payload bytes in a frame. JSON escapes make them at most six times as many, and the envelopes add
     * a little.
     */
    private static final long MAX_BYTES = 16 * 1024;

    private int max;
    private long windowNanos;
    private boolean stopped;
    private boolean waiting;
    /** The time from which messages are sent, until none is left. */
    private long due = SessionMachine.NEVER;

    private List<Outbound> messages = new ArrayList<>();
    private long bytes;

    void allow(int max, long windowNanos) {
        this.max = max;
        this.windowNanos = windowNanos;
    }

    /** Stops batching until the next connection's welcome allows it again. */
    void forbid() {
        max = 0;
        over();
    }

    /** Ends the wait. The next message begins another one. */
    void over() {
        waiting = false;
        due = SessionMachine.NEVER;
    }

    void stopWaiting() {
        stopped = true;
    }

    /** Returns whether a message that could be sent has to wait. */
    boolean waits(long now) {
        if (max < 2 || windowNanos == 0 || stopped) return false;
        if (due == SessionMachine.NEVER) due = now + windowNanos;
        waiting = now < due;
        return waiting;
    }

    /** Ends the wait, so that the waiting messages are sent as far as they can be. */
    void go() {
        waiting = false;
    }

    /** Returns when {@link #waits} turns false by itself. */
    long due() {
        return waiting ? due : SessionMachine.NEVER;
    }

    /** Sends the message now, in the frame of the messages before it or on its own. */
    void add(Outbound message, List<Effect> out) {
        boolean alone = max < 2 || message.payload().kind() == Payload.Kind.BINARY || message.bytes() > MAX_BYTES;
        if (alone || messages.size() == max || bytes + message.bytes() > MAX_BYTES) end(out);
        if (alone) {
            send(message, out);
        } else {
            messages.add(message);
            bytes += message.bytes();
        }
    }

    /** Ends the frame: no other message joins it. */
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
        out.add(message);
    }
}

package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * The messages of one priority, oldest first. A linked list whose links are fields of the messages, so that no node is
 * allocated.
 */
final class Lane {
    @Nullable
    Outbound first;

    @Nullable
    Outbound last;

    /** The bytes and the number of the messages without replies, which make no room for others. */
    long bytes;

    int count;

    void add(Outbound message) {
        Outbound before = last;
        message.lane = this;
        message.previous = before;
        if (before == null) {
            first = message;
        } else {
            before.next = message;
        }
        last = message;
        count(message, 1);
    }

    void addFirst(Outbound message) {
        Outbound behind = first;
        message.lane = this;
        link(null, message);
        link(message, behind);
        count(message, 1);
    }

    void remove(Outbound message) {
        link(message.previous, message.next);
        unlink(message);
    }

    /** Puts {@code message} in the place of {@code old}. */
    void replace(Outbound old, Outbound message) {
        link(old.previous, message);
        link(message, old.next);
        message.lane = this;
        count(message, 1);
        unlink(old);
    }

    private void link(@Nullable Outbound before, @Nullable Outbound after) {
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
    }

    private void unlink(Outbound message) {
        message.lane = null;
        message.previous = null;
        message.next = null;
        count(message, -1);
    }

    private void count(Outbound message, int by) {
        if (message.payload().isReply()) return;
        bytes += by * message.bytes();
        count += by;
    }
}

package dev.holdfast.internal.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that have left the queue and have no outcome. The driver keeps this list of its own, so that each
 * message ends even if the machine fails and its state is unusable. A linked list whose links are fields of the
 * messages, so that no node is allocated.
 *
 * <p>Not thread-safe. A message must not wait in a {@link WaitingQueue} while it is in here.
 */
public final class TakenMessages {
    private @Nullable Outbound first;

    /** Adds a message that is not in the list. */
    public void add(Outbound message) {
        Outbound behind = first;
        if (behind != null) behind.previous = message;
        message.next = behind;
        first = message;
    }

    /** Removes the message if it is in the list. */
    public void remove(Outbound message) {
        Outbound before = message.previous;
        Outbound behind = message.next;
        if (before != null) {
            before.next = behind;
        } else if (first == message) {
            first = behind;
        } else {
            return;
        }
        if (behind != null) behind.previous = before;
        message.previous = null;
        message.next = null;
    }

    /** Returns all, oldest first. */
    public List<Outbound> all() {
        List<Outbound> all = new ArrayList<>();
        for (Outbound message = first; message != null; message = message.next) all.add(message);
        Collections.reverse(all);
        return all;
    }

    /** Removes all and returns them, oldest first. */
    public List<Outbound> removeAll() {
        List<Outbound> all = new ArrayList<>();
        for (Outbound message; (message = first) != null; ) {
            remove(message);
            all.add(message);
        }
        Collections.reverse(all);
        return all;
    }
}

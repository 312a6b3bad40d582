package dev.holdfast.internal.session;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Overflow.Policy;
import dev.holdfast.Priority;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The queue of waiting messages, within its limits: by priority, then in the order they were sent. {@code
 * docs/queue.md} defines which messages are dropped for which.
 *
 * <p>Not thread-safe.
 */
public final class WaitingQueue implements MessageSource {
    private final long maxBytes;
    private final int maxMessages;
    private final long highBytes;
    private final long lowBytes;
    private final int highMessages;
    private final int lowMessages;
    private final Policy policy;

    /** One lane for each priority, the highest first; null before its first message. */
    private final @Nullable Lane[] lanes = new Lane[Priority.values().length];

    private final ExpiryHeap expiries = new ExpiryHeap();
    /** Made for the first message with a key. */
    private @Nullable Map<String, Outbound> newestOfKey;
    /** The restored messages, until the server's first welcome shows whether an earlier process sent them. */
    private List<Outbound> unproven = Collections.emptyList();

    /** The bytes and the number of the waiting messages, without replies. */
    private long bytes;

    private int count;
    private long replyBytes;
    private int replies;
    private boolean pressed;

    /** Creates an empty queue with the limits, the water marks and the overflow policy of {@code settings}. */
    public WaitingQueue(OutboundQueue settings) {
        this.maxBytes = settings.maxBytes();
        this.maxMessages = settings.maxMessages();
        this.highBytes = settings.highWaterMark();
        this.lowBytes = settings.lowWaterMark();
        this.highMessages = share(maxMessages, highBytes, maxBytes);
        this.lowMessages = share(maxMessages, lowBytes, maxBytes);
        this.policy = settings.overflow().policy();
    }

    private static int share(int messages, long mark, long ofBytes) {
        return (int) (messages * ((double) mark / ofBytes));
    }

    // ---- in ----

    /** Adds the message if there is room for it, or if enough messages can be dropped for it. */
    public Admission offer(Outbound message) {
        if (message.payload().isReply()) return offerReply(message);
        Outbound old = oldOf(message);
        long bytesOver = bytesOver(message, old);
        int messagesOver = messagesOver(old);
        boolean fits = bytesOver <= 0 && messagesOver <= 0;
        int priority = priorityOf(message);
        // The lowest priorities, from the last upwards, that can be dropped for this message.
        int yielding =
                policy == Policy.DROP_OLDEST ? priority : policy == Policy.DROP_NEWEST ? priority + 1 : lanes.length;
        if (!fits && !canYield(bytesOver, messagesOver, yielding, old)) return Admission.FULL;

        Lane lane = laneOf(message);
        if (old != null && old.lane == lane) {
            lane.replace(old, message);
            account(message);
            discount(old);
        } else {
            if (old != null) remove(old);
            lane.add(message);
            account(message);
        }
        List<Outbound> dropped = fits ? Collections.emptyList() : dropFor(message, yielding);
        updatePressed();
        return old == null && fits ? Admission.TAKEN : new Admission(true, old, dropped);
    }

    /** Adds a reply if the replies have room. It costs other messages nothing, see {@link Packet#asReply}. */
    private Admission offerReply(Outbound message) {
        if (replies >= maxMessages || (replies > 0 && replyBytes + message.bytes() > maxBytes)) return Admission.FULL;
        laneOf(message).add(message);
        account(message);
        return Admission.TAKEN;
    }

    /**
     * Adds messages that waited in another process ahead of all others, in order and regardless of the limits.
     *
     * @param proven whether no process can have sent them since
     * @return those that a message replaces which waits here already, in the place of the older one
     */
    public List<Outbound> restore(List<Outbound> messages, boolean proven) {
        List<Outbound> conflated = new ArrayList<>(0);
        if (!proven) {
            for (Outbound message : messages) message.setUnproven(true);
            List<Outbound> all = new ArrayList<>(unproven);
            all.addAll(messages);
            unproven = all;
        }
        for (int i = messages.size() - 1; i >= 0; i--) {
            Outbound message = messages.get(i);
            if (oldOf(message) != null) {
                conflated.add(message);
                continue;
            }
            laneOf(message).addFirst(message);
            account(message);
        }
        unproven.removeAll(conflated);
        updatePressed();
        return conflated;
    }

    /** Returns whether there is room without dropping any message but an older one of the same key. */
    public boolean fits(Outbound message) {
        Outbound old = oldOf(message);
        return bytesOver(message, old) <= 0 && messagesOver(old) <= 0;
    }

    /** Returns whether an older message of its key waits, which it would replace. */
    public boolean replacesAnother(Outbound message) {
        return oldOf(message) != null;
    }

    private @Nullable Outbound oldOf(Outbound message) {
        String key = message.options().conflationKey();
        return key == null || newestOfKey == null ? null : newestOfKey.get(key);
    }

    private long bytesOver(Outbound message, @Nullable Outbound old) {
        return bytes + message.bytes() - (old == null ? 0 : old.bytes()) - maxBytes;
    }

    private int messagesOver(@Nullable Outbound old) {
        return count + (old == null ? 1 : 0) - maxMessages;
    }

    /** Returns whether the lanes from {@code yielding} on can make so much room, beside what {@code old} makes. */
    private boolean canYield(long bytesOver, int messagesOver, int yielding, @Nullable Outbound old) {
        long yieldingBytes = 0;
        int yieldingCount = 0;
        for (int i = yielding; i < lanes.length; i++) {
            Lane lane = lanes[i];
            if (lane == null) continue;
            yieldingBytes += lane.bytes;
            yieldingCount += lane.count;
            if (old != null && old.lane == lane) {
                yieldingBytes -= old.bytes();
                yieldingCount--;
            }
        }
        return yieldingBytes >= bytesOver && yieldingCount >= messagesOver;
    }

    /** Makes room for a message that is already in the queue, and must not be dropped for itself. */
    private List<Outbound> dropFor(Outbound message, int yielding) {
        List<Outbound> dropped = new ArrayList<>();
        for (int i = lanes.length - 1; i >= yielding; i--) {
            Lane lane = lanes[i];
            while (lane != null && (bytes > maxBytes || count > maxMessages)) {
                Outbound victim = victimIn(lane, message);
                if (victim == null) break;
                remove(victim);
                dropped.add(victim);
            }
        }
        return dropped;
    }

    /** Returns the message of a lane to drop next for another, null if there is none. Replies stay. */
    private @Nullable Outbound victimIn(Lane lane, Outbound message) {
        boolean newest = policy == Policy.DROP_NEWEST;
        Outbound victim = newest ? lane.last : lane.first;
        while (victim != null && (victim == message || victim.payload().isReply())) {
            victim = newest ? victim.previous : victim.next;
        }
        return victim;
    }

    // ---- out ----

    /** Returns the next message, null if none waits. */
    public @Nullable Outbound first() {
        for (Lane lane : lanes) {
            if (lane != null && lane.first != null) return lane.first;
        }
        return null;
    }

    @Override
    public long nextBytes() {
        Outbound first = first();
        return first == null ? -1 : first.bytes();
    }

    @Override
    public boolean isPatient() {
        Outbound first = first();
        return !pressed && first != null && first.options().priority().compareTo(Priority.NORMAL) >= 0;
    }

    @Override
    public @Nullable Outbound poll(long max) {
        Outbound first = first();
        if (first == null || first.bytes() > max) return null;
        take(first);
        return first;
    }

    @Override
    public void poll(int maxMessages, long maxBytes, long maxTogether, long enough, List<Outbound> into) {
        long together = 0;
        boolean alone = false;
        for (Outbound first; into.size() < maxMessages && together < enough && !alone && (first = first()) != null; ) {
            alone = first.payload().kind() == Payload.Kind.PACKET;
            if (alone && !into.isEmpty()) break;
            together += first.bytes();
            if (first.bytes() > maxBytes || together > maxTogether) break;
            // In this order: if there is no memory for it, it still waits here.
            into.add(first);
            remove(first);
        }
        updatePressed();
    }

    @Override
    public @Nullable Outbound pollLarger(long than) {
        Outbound first = first();
        if (first == null || first.bytes() <= than) return null;
        take(first);
        return first;
    }

    /** Removes the message. Returns false if it no longer waits here. */
    public boolean recall(Outbound message) {
        if (message.lane == null) return false;
        take(message);
        return true;
    }

    /** Returns whether the message waits here. */
    public boolean holds(Outbound message) {
        return message.lane != null;
    }

    @Override
    public long nextExpiry() {
        Outbound first = expiries.first();
        return first == null ? SessionMachine.NEVER : first.expiresAt;
    }

    @Override
    public List<Outbound> takeExpired(long now) {
        List<Outbound> expired = new ArrayList<>();
        for (Outbound first; (first = expiries.first()) != null && first.expiresAt <= now; ) {
            take(first);
            expired.add(first);
        }
        return expired;
    }

    @Override
    public List<Outbound> takeUnproven() {
        List<Outbound> taken = unproven;
        unproven = Collections.emptyList();
        taken.removeIf(message -> !recall(message));
        return taken;
    }

    @Override
    public void prove() {
        for (Outbound message : unproven) {
            // A message that has left may have ended meanwhile, on another thread.
            if (message.lane != null) message.setUnproven(false);
        }
        unproven = Collections.emptyList();
    }

    /** Returns all waiting messages, in order. */
    public List<Outbound> waiting() {
        List<Outbound> all = new ArrayList<>(count);
        for (Lane lane : lanes) {
            Outbound first = lane == null ? null : lane.first;
            for (Outbound message = first; message != null; message = message.next) all.add(message);
        }
        return all;
    }

    @Override
    public List<Outbound> end() {
        List<Outbound> all = new ArrayList<>(count);
        for (Outbound first; (first = first()) != null; ) {
            take(first);
            all.add(first);
        }
        return all;
    }

    /** Returns whether the queue has passed the high water mark and has not fallen to the low one since. */
    public boolean isPressed() {
        return pressed;
    }

    /** Returns the payload bytes of the waiting messages, without replies. */
    public long bytes() {
        return bytes;
    }

    /** Returns the number of waiting messages, without replies. */
    public int count() {
        return count;
    }

    private void take(Outbound message) {
        remove(message);
        updatePressed();
    }

    private void remove(Outbound message) {
        Lane lane = message.lane;
        if (lane != null) lane.remove(message);
        discount(message);
    }

    private void account(Outbound message) {
        if (message.payload().isReply()) {
            replyBytes += message.bytes();
            replies++;
        } else {
            bytes += message.bytes();
            count++;
        }
        String key = message.options().conflationKey();
        if (key != null) {
            if (newestOfKey == null) newestOfKey = new HashMap<>();
            newestOfKey.put(key, message);
        }
        if (message.expiresAt != SessionMachine.NEVER) expiries.add(message);
    }

    private void discount(Outbound message) {
        if (message.payload().isReply()) {
            replyBytes -= message.bytes();
            replies--;
        } else {
            bytes -= message.bytes();
            count--;
        }
        String key = message.options().conflationKey();
        if (key != null && newestOfKey != null) newestOfKey.remove(key, message);
        if (message.expiresAt != SessionMachine.NEVER) expiries.remove(message);
    }

    private void updatePressed() {
        if (bytes > highBytes || count > highMessages) {
            pressed = true;
        } else if (bytes <= lowBytes && count <= lowMessages) {
            pressed = false;
        }
    }

    private Lane laneOf(Outbound message) {
        int priority = priorityOf(message);
        Lane lane = lanes[priority];
        if (lane != null) return lane;
        Lane made = new Lane();
        lanes[priority] = made;
        return made;
    }

    @SuppressWarnings("EnumOrdinal") // The order of the priorities is what they mean.
    private static int priorityOf(Outbound message) {
        return message.options().priority().ordinal();
    }
}

package dev.holdfast.internal.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait to be handed to a connection, as the machine sees them. Other threads may add and remove
 * messages at any moment.
 */
public interface MessageSource {
    /** Returns the size of the next message, -1 if none waits. */
    long nextBytes();

    /**
     * Returns whether the next message may wait for others to share a frame: its priority is at most normal, and the
     * queue is not under pressure.
     */
    boolean isPatient();

    /** Takes the next message; returns null if none waits, or it is larger than {@code max} bytes. */
    @Nullable
    Outbound poll(long max);

    /**
     * Takes the next messages, in order, and adds them to {@code into}, which is empty. Stops behind {@code maxMessages}, behind
     * the message that makes them {@code enough} bytes, before a message of more than {@code maxBytes}, and before one that
     * would make them more than {@code maxTogether}. A {@link Packet} is taken alone: it decides whether the next one may go.
     */
    void poll(int maxMessages, long maxBytes, long maxTogether, long enough, List<Outbound> into);

    /** Takes the next message if it is larger than {@code bytes}; otherwise returns null. */
    @Nullable
    Outbound pollLarger(long bytes);

    /** Sets the server's limit on the size of a message; {@link Long#MAX_VALUE} if the server names none. */
    default void limitMessages(long maxMessage) {}

    /** Returns when the first message expires, or {@link SessionMachine#NEVER}. */
    long nextExpiry();

    /** Takes the expired messages, in the order of their expiry. */
    List<Outbound> takeExpired(long now);

    /**
     * Takes the messages that waited in an earlier process and may have been sent by it, in order. Returns an empty
     * list from the second call on.
     */
    List<Outbound> takeUnproven();

    /** Records that the earlier process did not send the messages that waited in it. */
    void prove();

    /** Takes all remaining messages, in order. The source accepts none from then on. */
    List<Outbound> end();
}

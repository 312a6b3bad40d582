package dev.holdfast.internal.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait to be handed to a connection, as the machine sees them. Others may put in and take out at any
 * moment.
 */
public interface MessageSource {
    /** The size of the next message, -1 where none waits. */
    long nextBytes();

    /** Whether the next message may wait for others to share a frame with: no higher than normal, and none needs room. */
    boolean isPatient();

    /** Takes the next message; null where none waits, or it is larger than {@code most} bytes. */
    @Nullable
    Outbound poll(long most);

    /** Takes the next message if it is larger than {@code bytes}; null otherwise. */
    @Nullable
    Outbound pollLarger(long bytes);

    /** The server takes no message larger than that; {@link Long#MAX_VALUE} if it does not say. */
    default void limitMessages(long maxMessage) {}

    /** When the first of them expires, or {@link SessionMachine#NEVER}. */
    long nextExpiry();

    /** Takes those whose time is up, first those that expired first. */
    List<Outbound> takeExpired(long now);

    /**
     * Takes out what waited in an earlier process and may have been sent by it, in order. Returns nothing from the second call
     * on.
     */
    List<Outbound> takeUnproven();

    /** What waited in an earlier process has not been sent by it. */
    void prove();

    /** Takes all that are left, in order. Nothing comes in any more. */
    List<Outbound> end();
}

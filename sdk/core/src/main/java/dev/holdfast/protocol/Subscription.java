package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A subscription: how it begins and ends on the server, and what is told if that fails. It goes on over all connections of the client
 * until it is unsubscribed, fails, or {@link ProtocolEvents#ended}. Experimental: it may change in any release.
 */
public interface Subscription {
    /**
     * {@return its name, unique in the client} Asked once. {@link ProtocolEvents#message} attributes messages by it. A subscription that
     * replaces one that was ended needs another name: messages that the server sent for the old one would count for the new one.
     */
    String name();

    /**
     * {@return the name under which the client's {@code SessionStore} keeps the cursor of its newest handled message; null if no store
     * keeps it} Default: null. Asked once. 1 to 256 characters; no two subscriptions of a client may have the same at the same time. A
     * subscription under the name of an earlier one, also of an earlier process, goes on after its cursor, and the one given to {@link
     * ProtocolClient#subscribe} has no effect. Ending a subscription keeps the cursor; a {@linkplain ProtocolEvents#gap gap} drops
     * it. A store keeps 1,024 cursors. For a further one it drops the one that was used the longest ago, of those without a
     * subscription. A cursor of more than 1,024 characters is not stored, and the one before stays.
     *
     * <p>A message counts as handled when its callback has returned, unless it was delivered by {@link
     * ProtocolEvents#messageWithManualAck}. A callback that has not begun when the subscription is ended does not run, and its message
     * comes again to the next subscription of that name. A callback that runs must give its message to the application without asking
     * whether the subscription has ended meanwhile: the message counts as handled. After the death of a process, messages that were handled within 200 ms before
     * may come again.
     */
    default @Nullable String storeName() {
        return null;
    }

    /**
     * {@return the message that begins it, a single WebSocket message} Called for each connection, and after a gap. If it has an {@link
     * Outgoing#ackId}, the server's answer is expected in time; each start needs an id of its own. What it throws ends the subscription by
     * {@link #onFailed}, and so does an id for which another start or a message waits.
     *
     * @param cursor the position of its newest message; null before the first, and after a gap
     */
    Outgoing start(@Nullable String cursor);

    /**
     * {@return the message that ends it, a single WebSocket message; null if nothing needs to be sent} Not called if it was not begun on
     * this connection. What it throws goes to the thread's uncaught exception handler. The subscription ends in the client, and the
     * server may go on with it until the connection ends.
     */
    @Nullable
    Outgoing end();

    /**
     * Reports that the answer to {@link #start} did not come in time. The subscription stays. Runs on the callback executor. Default:
     * does nothing.
     */
    default void onUnanswered() {}

    /**
     * Reports that it has ended, because {@link #start} threw, or because there are 1,024 subscriptions already. Runs on the callback
     * executor.
     *
     * @param thrown says why
     */
    void onFailed(Throwable thrown);
}

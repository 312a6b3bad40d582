package dev.holdfast.jsonrpc;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.protocols.Listeners;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a client, and which of them a notification belongs to. Confined to the callbacks, except {@link #add},
 * {@link #remove} and {@link #asked}.
 */
final class Feeds {
    /** The notifications that may wait for the answer that says whose they are. */
    private static final int MAX_EARLY = 1024;

    private static final long MAX_EARLY_CHARACTERS = 4 * 1024 * 1024;

    private final JsonRpc rpc;
    private final JsonRpcProtocol protocol;
    private final Set<RpcSubscription> all = ConcurrentHashMap.newKeySet();
    /** The subscriptions whose call waits for its answer, by the id of the call. */
    private final Map<Long, RpcSubscription> asked = new ConcurrentHashMap<>();

    /** The number of the connection that the next two are of. */
    private long connection;
    /** The subscriptions by the JSON of the server's id. */
    private final Map<String, RpcSubscription> byServerId = new HashMap<>();
    /** Notifications that came before the answer that says whose they are. */
    private final Deque<IncomingMessage> early = new ArrayDeque<>();

    private long earlyCharacters;

    private boolean earlyLost;

    Feeds(JsonRpc rpc, JsonRpcProtocol protocol) {
        this.rpc = rpc;
        this.protocol = protocol;
    }

    // ---- on any thread ----

    void add(RpcSubscription subscription) {
        all.add(subscription);
        protocol.post((client, none, now) -> client.protocolInput.subscribe(subscription.start, null, now));
    }

    /** Takes a subscription out, and ends it on the server. */
    void remove(RpcSubscription subscription) {
        all.remove(subscription);
        asked.remove(subscription.start.callId());
        protocol.post((client, none, now) -> client.protocolInput.unsubscribe(subscription.start.name(), now));
    }

    /**
     * Records that the call of a subscription goes out.
     *
     * @param before the id of the call before it, whose answer no longer counts; 0 for none
     */
    void asked(long id, RpcSubscription subscription, long before) {
        asked.remove(before);
        asked.put(id, subscription);
    }

    /** Records that the call of a subscription gets no answer. */
    void unanswered(long id) {
        asked.remove(id);
        if (asked.isEmpty()) passOn();
    }

    // ---- in callbacks ----

    /** Begins a message of a connection. */
    void from(long newConnection) {
        if (newConnection == connection) return;
        connection = newConnection;
        byServerId.clear();
        dropEarly();
    }

    private void dropEarly() {
        early.clear();
        earlyCharacters = 0;
        earlyLost = false;
    }

    /** Handles a response. Returns false if it does not answer a subscription. */
    boolean answered(IncomingMessage response) {
        RpcSubscription subscription = asked.remove(response.id);
        if (subscription == null) return false;
        String id = response.result;
        byServerId.values().removeIf(each -> !each.isActive());
        if (id != null) byServerId.put(id, subscription);
        boolean lost = earlyLost;
        List<IncomingMessage> mine = new ArrayList<>();
        for (Iterator<IncomingMessage> each = early.iterator(); each.hasNext(); ) {
            IncomingMessage message = each.next();
            if (id == null || !id.equals(serverId(message))) continue;
            mine.add(message);
            each.remove();
            earlyCharacters -= characters(message);
        }
        try {
            subscription.answered(response, lost);
        } finally {
            Listeners.each(mine, message -> give(subscription, message));
            if (asked.isEmpty()) passOn();
        }
        return true;
    }

    /** Handles a notification. Returns false if it belongs to no subscription. */
    boolean received(IncomingMessage notification) {
        if (asked.isEmpty() && !early.isEmpty()) passOn();
        if (byServerId.isEmpty() && asked.isEmpty()) return false;
        String id = serverId(notification);
        if (id == null) return false;
        RpcSubscription subscription = byServerId.get(id);
        if (subscription != null) {
            give(subscription, notification);
        } else if (asked.isEmpty()) {
            return false;
        } else if (early.size() < MAX_EARLY && earlyCharacters + characters(notification) <= MAX_EARLY_CHARACTERS) {
            early.add(notification);
            earlyCharacters += characters(notification);
        } else {
            earlyLost = true;
        }
        return true;
    }

    /** Gives what waited for an answer and belongs to no subscription to the listeners of notifications. */
    private void passOn() {
        List<IncomingMessage> others = new ArrayList<>(early);
        dropEarly();
        Listeners.each(others, rpc::notified);
    }

    private static long characters(IncomingMessage notification) {
        return (long) notification.params.length()
                + String.valueOf(notification.method).length();
    }

    private static @Nullable String serverId(IncomingMessage notification) {
        return notification.params.charAt(0) == '{' ? member(notification, "subscription") : null;
    }

    private static @Nullable String member(IncomingMessage notification, String name) {
        try {
            return Json.members(notification.params).get(name);
        } catch (BadMessageException e) {
            return null;
        }
    }

    private void give(RpcSubscription subscription, IncomingMessage notification) {
        String value = member(notification, "result");
        subscription.received(rpc.value(value == null ? "null" : value));
    }

    /** Ends all, because the client has ended. */
    void ended() {
        Listeners.each(
                new ArrayList<>(all),
                subscription -> subscription.end(
                        new NoAnswerException(Outcome.cancelled(Reason.CLIENT_CLOSED, "the client has ended"))));
    }
}

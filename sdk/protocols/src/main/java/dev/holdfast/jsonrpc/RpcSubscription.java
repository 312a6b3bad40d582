package dev.holdfast.jsonrpc;

import dev.holdfast.Outcome.Reason;
import dev.holdfast.PayloadException;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.protocols.Listeners;
import dev.holdfast.internal.session.CursorMark;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A subscription of a {@link JsonRpc} client, until {@link #close} or the server's refusal. Safe from any thread. */
public final class RpcSubscription implements AutoCloseable {
    private static final int MAX_POSITIONS = 1024;

    private static final int MAX_POSITION = 1024;
    private static final int MAX_SERVER_ID = 1024;
    /** The values that may wait for a backfill; with more, another backfill follows. */
    private static final int MAX_HELD = 4096;

    private static final long MAX_HELD_CHARACTERS = 4 * 1024 * 1024;

    final Start start;

    private final JsonRpc rpc;
    private final JsonRpcProtocol protocol;
    private final Feeds feeds;
    private final SubscriptionCall settings;
    private final SubscriptionListener listener;
    private final String body;

    private final AtomicBoolean closed = new AtomicBoolean();
    /** The position of an earlier process, with which the machine began it; null for none. */
    private volatile @Nullable String restored;
    /** Whether the machine will look at what was handled. */
    private final AtomicBoolean lookPosted = new AtomicBoolean();
    /** Whether the call that subscribes waits for its answer. */
    private volatile boolean pending;
    /** The JSON of the server's id on the current connection, null before its answer. */
    private volatile @Nullable String serverId;

    // The rest is confined to the callbacks.

    /** The positions of the newest values, oldest first. */
    private final Set<String> positions = new LinkedHashSet<>();
    /** The position of the newest value. */
    private @Nullable String cursor;

    private boolean everSubscribed;
    /** Counts backfills. */
    private long backfill;
    /** Whether values wait for a backfill. */
    private boolean filling;

    private final Deque<JsonValue> held = new ArrayDeque<>();
    private long heldCharacters;
    /** Whether values were dropped that should have waited. */
    private boolean overflowed;

    RpcSubscription(
            JsonRpc rpc,
            JsonRpcProtocol protocol,
            Feeds feeds,
            SubscriptionCall settings,
            SubscriptionListener listener) {
        this.rpc = rpc;
        this.protocol = protocol;
        this.feeds = feeds;
        this.settings = settings;
        this.listener = listener;
        this.body = rpc.body(settings.call);
        this.start = new Start("subscription " + protocol.nextId());
        this.cursor = settings.start;
        if (settings.start != null) positions.add(settings.start);
    }

    /** {@return whether it has neither been closed nor ended by the server} */
    public boolean isActive() {
        return !closed.get();
    }

    /** Ends the subscription: no value follows, and the server is told if it has subscribed the client. */
    @Override
    public void close() {
        // While the answer is missing, the server's id is not known: the answer ends it.
        if (closed.compareAndSet(false, true) && !pending) feeds.remove(this);
    }

    /** The packets of the subscription, for the machine. */
    final class Start implements Subscription {
        private final String name;
        /** The id of the newest call. Written on the serial context. */
        private volatile long callId;

        Start(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        /** Returns the id of the newest call, 0 before the first. Safe from any thread. */
        long callId() {
            return callId;
        }

        @Override
        public @Nullable String storeName() {
            return settings.storeName;
        }

        @Override
        public boolean isOver() {
            return closed.get();
        }

        /** @param stored the position that the store had at the beginning; null for none */
        @Override
        public Packet start(@Nullable String stored) {
            pending = true;
            if (closed.get()) throw new IllegalStateException("closed");
            restored = stored;
            serverId = null;
            long id = protocol.nextId();
            feeds.asked(id, RpcSubscription.this, callId);
            callId = id;
            String text = JsonRpc.head(id) + body;
            return Packet.acknowledged(text, Collections.emptyList(), id, 1, rpc.timeoutNanos(settings.call));
        }

        @Override
        public @Nullable Packet end() {
            String id = serverId;
            String method = settings.unsubscribe;
            if (id == null || method == null) return null;
            String text = JsonRpc.head(protocol.nextId()) + ",\"method\":" + Json.quoted(method) + ",\"params\":[" + id
                    + "]}";
            return Packet.of(text, Collections.emptyList(), null);
        }

        @Override
        public Payload unanswered() {
            long id = callId;
            return Payload.callback(() -> {
                feeds.unanswered(id);
                if (settled()) listener.onUnanswered();
            });
        }

        @Override
        public Payload failed(Throwable thrown) {
            return Payload.callback(() -> RpcSubscription.this.end(thrown));
        }
    }

    // ---- in callbacks ----

    /** Records that the call has its answer, or gets none. Returns false if the application has closed it meanwhile. */
    private boolean settled() {
        pending = false;
        if (!closed.get()) return true;
        feeds.remove(this);
        return false;
    }

    /** Ends it without asking the server. */
    void end(Throwable cause) {
        boolean active = closed.compareAndSet(false, true);
        feeds.remove(this);
        if (active) listener.onEnded(cause);
    }

    /**
     * Handles the answer to the call that subscribes.
     *
     * @param lost whether notifications of this connection were dropped before the answer
     */
    void answered(IncomingMessage response, boolean lost) {
        String id = response.result;
        // The connection of the answer is gone, and the subscription has begun on another one.
        if (response.id != start.callId) return;
        if (id == null) {
            pending = false;
            end(rpc.error(response));
            return;
        }
        boolean legal = id.charAt(0) == '"' || id.charAt(0) == '-' || Character.isDigit(id.charAt(0));
        if (!legal || id.length() > MAX_SERVER_ID) {
            pending = false;
            String fault =
                    legal ? "has more than " + MAX_SERVER_ID + " characters" : "is neither a string nor a number";
            end(new PayloadException("the server's id of a subscription " + fault, null));
            return;
        }
        serverId = id;
        if (!settled()) return;
        Listeners.run(() -> listener.onSubscribed(rpc.value(id).text()));
        boolean first = !everSubscribed;
        everSubscribed = true;
        String stored = restored;
        if (first && stored != null) {
            cursor = stored;
            positions.clear();
            positions.add(stored);
        }
        filling = false;
        dropHeld();
        if (settings.backfill != null && cursor != null) {
            fill(cursor);
        } else if (!first || lost) {
            listener.onGap(null);
        }
    }

    /** Handles a value of the current connection. */
    void received(JsonValue value) {
        if (closed.get()) return;
        if (!filling) {
            deliver(value, Collections.emptySet());
            return;
        }
        held.add(value);
        heldCharacters += value.json().length();
        if (held.size() > MAX_HELD || heldCharacters > MAX_HELD_CHARACTERS) {
            overflowed = true;
            dropHeld();
        }
    }

    private void dropHeld() {
        held.clear();
        heldCharacters = 0;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows.
    private void fill(String from) {
        filling = true;
        overflowed = false;
        dropHeld();
        long number = ++backfill;
        try {
            Call call = Objects.requireNonNull(settings.backfill).apply(from);
            rpc.ownCall(call).whenComplete((result, failure) -> {
                if (number == backfill && !closed.get()) filled(from, result, failure);
            });
        } catch (RuntimeException e) {
            notFilled(e);
        }
    }

    private void filled(String from, @Nullable JsonValue result, @Nullable Throwable failure) {
        if (failure instanceof NoAnswerException) {
            Reason reason = ((NoAnswerException) failure).outcome().reason();
            // The next connection makes another one, from the same position.
            if (reason == Reason.CONNECTION_LOST || reason == Reason.CLIENT_CLOSED) return;
        }
        if (failure != null || result == null) {
            notFilled(failure);
            return;
        }
        List<JsonValue> values = new ArrayList<>();
        try {
            for (String value : Json.elements(result.json())) values.add(rpc.value(value));
        } catch (BadMessageException e) {
            notFilled(new PayloadException("the result of a backfill is not an array", e));
            return;
        }
        Set<String> seen = new HashSet<>();
        int begin = 0;
        for (int i = 0; i < values.size(); i++) {
            if (from.equals(position(values.get(i)))) begin = i + 1;
        }
        for (JsonValue value : values.subList(begin, values.size())) {
            String position = position(value);
            // The values that wait must go on, whatever a listener throws.
            Listeners.run(() -> deliver(value, Collections.emptySet()));
            if (position != null) seen.add(position);
        }
        if (overflowed && cursor != null) {
            fill(cursor);
            return;
        }
        release(seen);
    }

    private void notFilled(@Nullable Throwable cause) {
        // What was dropped is missing as well.
        Listeners.run(() -> listener.onGap(cause));
        release(Collections.emptySet());
    }

    /** Delivers the values that have waited, without those that the backfill has brought. */
    private void release(Set<String> seen) {
        filling = false;
        List<JsonValue> waited = new ArrayList<>(held);
        dropHeld();
        Listeners.each(waited, value -> deliver(value, seen));
    }

    private void deliver(JsonValue value, Set<String> seen) {
        if (closed.get()) return;
        String position = position(value);
        if (position != null) {
            if (seen.contains(position) || !positions.add(position)) return;
            if (positions.size() > MAX_POSITIONS)
                positions.remove(positions.iterator().next());
            cursor = position;
        }
        if (position == null || settings.storeName == null) {
            listener.onValue(value);
            return;
        }
        CursorMark mark = CursorMark.of(start, position);
        protocol.post((client, none, now) -> client.protocolInput.give(mark));
        if (!mark.begin()) return;
        try {
            listener.onValue(value);
        } finally {
            mark.handled();
            look();
        }
    }

    /** Has the machine look at what was handled. */
    private void look() {
        if (!lookPosted.compareAndSet(false, true)) return;
        protocol.post((client, none, now) -> {
            lookPosted.set(false);
            return client.onHandled(now);
        });
    }

    private @Nullable String position(JsonValue value) {
        try {
            String position = settings.cursor == null ? null : settings.cursor.apply(value);
            return position == null || position.length() > MAX_POSITION ? null : position;
        } catch (RuntimeException e) {
            Listeners.report(e);
            return null;
        }
    }

    /** Returns whether it is active. */
    @Override
    public String toString() {
        return "RpcSubscription(" + settings.call + ", " + (isActive() ? "active" : "ended") + ")";
    }
}

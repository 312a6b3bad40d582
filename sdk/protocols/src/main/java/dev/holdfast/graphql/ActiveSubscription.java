package dev.holdfast.graphql;

import dev.holdfast.PayloadCodec;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A subscription from its request to its end. Each time it is begun, its operation gets another id: the server may still speak of
 * the earlier one on the same connection.
 */
final class ActiveSubscription implements Subscription {
    private static final char SEPARATOR = '.';
    private static final int MAX_CURSOR = 1024;

    private final String name;
    private final Operation operation;
    private final @Nullable CatchUp catchUp;
    private final SubscriptionListener listener;
    private final GraphQlProtocol protocol;
    private final Supplier<PayloadCodec> codec;

    /** The first connection on which it was sent, 0 for none. Written on the serial context. */
    private volatile long firstConnection;
    /** How often it was begun. Confined to the serial context. */
    private long begun;
    /** Whether it was begun with a question for what came after an id. Confined to the serial context. */
    private boolean asksForHistory;
    /** Whether it has ended, for the application. */
    private volatile boolean ended;
    /**
     * Whether a result that the application has, or had before, gives the position. Written by callbacks, and by the start with a
     * position, which may be that of an earlier process.
     */
    private volatile boolean positioned;

    ActiveSubscription(
            String name,
            Operation operation,
            @Nullable CatchUp catchUp,
            SubscriptionListener listener,
            GraphQlProtocol protocol,
            Supplier<PayloadCodec> codec) {
        this.name = name;
        this.operation = operation;
        this.catchUp = catchUp;
        this.listener = listener;
        this.protocol = protocol;
        this.codec = codec;
        this.positioned = start() != null;
    }

    /** Returns the id after which it begins, null for none. */
    @Nullable
    String start() {
        return catchUp == null ? null : catchUp.start();
    }

    boolean isEnded() {
        return ended;
    }

    // ---- for the machine ----

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable String storeName() {
        return catchUp == null ? null : catchUp.storeName();
    }

    @Override
    public boolean isOver() {
        return ended;
    }

    @Override
    public Packet start(@Nullable String cursor) {
        Operation asked = cursor == null || catchUp == null ? operation : operation.plus(catchUp.variables(cursor));
        begun++;
        Packet packet = Packet.of(asked.message(id(), codec), Collections.emptyList(), null);
        asksForHistory = cursor != null;
        if (cursor != null) positioned = true;
        if (firstConnection == 0) firstConnection = protocol.connection();
        return packet;
    }

    @Override
    public Packet end() {
        return Packet.of(GraphQlProtocol.complete(id()), Collections.emptyList(), null);
    }

    @Override
    public Payload unanswered() {
        throw new IllegalStateException("a subscription waits for no answer");
    }

    @Override
    public Payload failed(Throwable thrown) {
        return failure(new OperationException("the subscription cannot be sent: " + thrown, thrown));
    }

    /** Returns the id of its newest operation. */
    private String id() {
        return name + SEPARATOR + begun;
    }

    /** Returns whether an id is that of its newest operation. */
    boolean isCurrent(String id) {
        return id.equals(id());
    }

    /** Returns whether it was begun with a question for what came after an id. */
    boolean asksForHistory() {
        return asksForHistory;
    }

    // ---- for the reader ----

    /** Returns the name in the id of an operation. */
    static String nameIn(String id) {
        int end = id.indexOf(SEPARATOR);
        return end < 0 ? id : id.substring(0, end);
    }

    /** Returns the position of a result, null if it has none. */
    @Nullable
    String cursor(Result result) {
        String cursor = catchUp == null ? null : Json.textAt(result.json(), catchUp.pointer());
        return cursor == null || cursor.isEmpty() || cursor.length() > MAX_CURSOR ? null : cursor;
    }

    /** Returns whether the errors say that the server's history no longer has the id that the client asked for. */
    boolean isStale(List<GraphQlError> errors) {
        if (catchUp == null) return false;
        try {
            for (GraphQlError error : errors) if (catchUp.isStale(error)) return true;
        } catch (Exception e) {
            // The errors end the subscription, and reach the application.
            return false;
        }
        return false;
    }

    Payload next(Result result, boolean hasCursor) {
        return Received.payload(client -> {
            if (isOut()) return;
            if (hasCursor) positioned = true;
            listener.onNext(result);
        });
    }

    Payload gap(String reason) {
        return Received.payload(client -> {
            positioned = false;
            if (!isOut()) listener.onGap(reason);
        });
    }

    /**
     * Returns whether a callback comes too late. With a store name the client has asked before: a second question would drop a result
     * that counts as handled.
     */
    private boolean isOut() {
        return ended && storeName() == null;
    }

    Payload failure(OperationException failure) {
        return Received.payload(client -> {
            if (finish()) listener.onError(failure);
        });
    }

    Payload completion() {
        return Received.payload(client -> {
            if (finish()) listener.onComplete();
        });
    }

    // ---- for the application ----

    /** Marks the end. Returns false if it was marked before. */
    boolean finish() {
        if (!protocol.remove(this)) return false;
        ended = true;
        return true;
    }

    /** Reports a gap if the subscription was begun on an earlier connection, and could not ask for what came since. */
    void onConnected(long connection) {
        boolean again = firstConnection != 0 && firstConnection < connection;
        if (again && !positioned && !ended) {
            listener.onGap(
                    catchUp == null
                            ? "subscribed again on a new connection"
                            : "subscribed again on a new connection, before a result with an id");
        }
    }

    /** Reports that the client has ended. */
    void onClosed(String reason) {
        if (finish()) listener.onError(new OperationException("the client has ended: " + reason, null));
    }
}

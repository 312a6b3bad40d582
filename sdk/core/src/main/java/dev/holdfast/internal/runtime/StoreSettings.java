package dev.holdfast.internal.runtime;

import dev.holdfast.SendOptions;
import dev.holdfast.SessionStore;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The settings of a durable session. Immutable. */
public final class StoreSettings {
    private final SessionStore store;
    private final boolean continuesInMemory;
    private final UnaryOperator<Payload> encoding;
    private final BiFunction<Payload, SendOptions, Outbound> receipts;

    /**
     * @param continuesInMemory whether the client goes on if the store fails
     * @param encoding makes of a payload what goes out; may throw what the protocol's code throws
     * @param receipts makes a message of an earlier process, with a receipt for the application
     */
    public StoreSettings(
            SessionStore store,
            boolean continuesInMemory,
            UnaryOperator<Payload> encoding,
            BiFunction<Payload, SendOptions, Outbound> receipts) {
        this.store = store;
        this.continuesInMemory = continuesInMemory;
        this.encoding = encoding;
        this.receipts = receipts;
    }

    /** @param executor runs what blocks. It must not refuse a task */
    StoreKeeper keeper(StoreJournal journal, SerialContext serial, Executor executor, Environment environment) {
        return new StoreKeeper(
                store,
                journal,
                serial,
                executor,
                environment.scheduler,
                environment.wall,
                continuesInMemory,
                encoding,
                receipts);
    }
}

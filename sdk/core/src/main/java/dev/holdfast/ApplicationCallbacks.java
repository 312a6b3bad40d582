package dev.holdfast;

import dev.holdfast.internal.concurrent.Uncaught;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of an application, in the order of the calls: its listener, its lambdas, its typed messages. If one throws, the
 * others are called all the same. Set before use, and not changed afterwards.
 */
final class ApplicationCallbacks implements HoldfastListener {
    private static final HoldfastListener NONE = new HoldfastListener() {};

    HoldfastListener listener = NONE;

    @Nullable
    ClientCallback<? super ClientState> onState;

    @Nullable
    ClientCallback<? super Opening> onOpen;

    @Nullable
    ClientCallback<? super Message> onMessage;

    @Nullable
    ClientCallback<? super ConnectionFailure> onConnectionFailure;

    @Nullable
    ClientCallback<? super SessionLoss> onSessionLost;

    @Nullable
    ClientCallback<? super Boolean> onBackpressure;

    @Nullable
    ClientCallback<? super CloseReason> onClosed;

    @Nullable
    TypedMessages typed;

    /** Returns what a client calls: the listener itself if nothing else is set, or else a copy. */
    HoldfastListener forClient() {
        boolean listenerAlone = onState == null
                && onOpen == null
                && onMessage == null
                && onConnectionFailure == null
                && onSessionLost == null
                && onBackpressure == null
                && onClosed == null
                && typed == null;
        if (listenerAlone) return listener;
        ApplicationCallbacks copy = new ApplicationCallbacks();
        copy.listener = listener;
        copy.onState = onState;
        copy.onOpen = onOpen;
        copy.onMessage = onMessage;
        copy.onConnectionFailure = onConnectionFailure;
        copy.onSessionLost = onSessionLost;
        copy.onBackpressure = onBackpressure;
        copy.onClosed = onClosed;
        copy.typed = typed;
        return copy;
    }

    private static <T> void call(@Nullable ClientCallback<? super T> callback, HoldfastClient client, T value) {
        if (callback != null) Uncaught.run(() -> callback.call(client, value));
    }

    @Override
    public void onState(HoldfastClient client, ClientState state) {
        Uncaught.run(() -> listener.onState(client, state));
        call(onState, client, state);
    }

    @Override
    public void onOpen(HoldfastClient client, Opening opening) {
        Uncaught.run(() -> listener.onOpen(client, opening));
        call(onOpen, client, opening);
    }

    @Override
    public void onMessage(HoldfastClient client, Message message) {
        Uncaught.run(() -> listener.onMessage(client, message));
        call(onMessage, client, message);
        TypedMessages handlers = typed;
        if (handlers != null) Uncaught.run(() -> handlers.handle(message));
    }

    @Override
    public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
        Uncaught.run(() -> listener.onConnectionFailure(client, failure));
        call(onConnectionFailure, client, failure);
    }

    @Override
    public void onSessionLost(HoldfastClient client, SessionLoss loss) {
        Uncaught.run(() -> listener.onSessionLost(client, loss));
        call(onSessionLost, client, loss);
    }

    @Override
    public void onBackpressure(HoldfastClient client, boolean pressed) {
        Uncaught.run(() -> listener.onBackpressure(client, pressed));
        call(onBackpressure, client, pressed);
    }

    @Override
    public void onStoreFailure(HoldfastClient client, StoreException failure) {
        Uncaught.run(() -> listener.onStoreFailure(client, failure));
    }

    @Override
    public void onClosed(HoldfastClient client, CloseReason reason) {
        Uncaught.run(() -> listener.onClosed(client, reason));
        call(onClosed, client, reason);
    }
}

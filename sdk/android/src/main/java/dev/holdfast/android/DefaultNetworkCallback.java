package dev.holdfast.android;

import android.net.ConnectivityManager;
import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/**
 * Follows the default network. The system calls it on one thread, and from Android 8 on reports the capabilities and the
 * link properties of a network right after the network itself, and from Android 10 on whether it is blocked.
 */
final class DefaultNetworkCallback extends ConnectivityManager.NetworkCallback {
    private final BiConsumer<AndroidNetworkState, AndroidNetworkState> onStep;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Confined to the system's thread. */
    private AndroidNetworkState state;

    /** @param onStep takes the state before and after each report, which may be equal */
    DefaultNetworkCallback(AndroidNetworkState first, BiConsumer<AndroidNetworkState, AndroidNetworkState> onStep) {
        this.state = first;
        this.onStep = onStep;
    }

    /** Unregisters the callback, once; a second call has no effect. */
    void unregisterFrom(ConnectivityManager connectivity) {
        if (!over.compareAndSet(false, true)) return;
        try {
            connectivity.unregisterNetworkCallback(this);
        } catch (IllegalArgumentException e) {
            // The system had refused to register it.
        }
    }

    /** Runs {@code task} unless the callback has been unregistered. */
    void ifRegistered(Runnable task) {
        if (!over.get()) task.run();
    }

    @Override
    public void onAvailable(Network network) {
        step(state.withNetwork(network));
    }

    @Override
    public void onLost(Network network) {
        if (state.isAbout(network)) step(state.withNetwork(null));
    }

    @Override
    public void onCapabilitiesChanged(Network network, NetworkCapabilities capabilities) {
        if (state.isAbout(network)) step(state.with(capabilities));
    }

    @Override
    public void onLinkPropertiesChanged(Network network, LinkProperties properties) {
        if (state.isAbout(network)) step(state.with(properties));
    }

    @Override
    public void onBlockedStatusChanged(Network network, boolean blocked) {
        if (state.isAbout(network)) step(state.with(AndroidNetworkState.Flag.BLOCKED, blocked));
    }

    private void step(AndroidNetworkState now) {
        AndroidNetworkState before = state;
        state = now;
        // A report may be on its way while the callback is unregistered.
        ifRegistered(() -> onStep.accept(before, now));
    }
}

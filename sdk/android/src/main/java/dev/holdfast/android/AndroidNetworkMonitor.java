package dev.holdfast.android;

import android.Manifest;
import android.content.Context;
import android.content.pm.PackageManager;
import android.net.ConnectivityManager;
import android.os.Handler;
import android.os.Looper;
import android.util.Log;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.NetworkMonitor;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A network monitor that reports what Android says about the default network. The client then connects again as soon as the
 * network is back, waits while the system blocks the application's traffic, and checks its connection after a change.
 *
 * <p>It registers one callback with the system for each client that is neither {@link dev.holdfast.ClientState#IDLE} nor
 * {@link dev.holdfast.ClientState#CLOSED}, and none otherwise; the system allows an application a hundred. It is safe from any
 * thread, and one monitor can serve all clients.
 *
 * <ul>
 *   <li>A network that the system has not validated counts as available: a server at home needs no Internet, and in some
 *       countries the system can validate no network.
 *   <li>Another default network, an address that is gone, a sign-in to a captive portal, and another network below a VPN count
 *       as a change.
 *   <li>If the system refuses the callback, which it does after a hundred and on some devices by mistake, that is logged with
 *       the tag {@code Holdfast}, and the client goes on as without a monitor.
 * </ul>
 */
public final class AndroidNetworkMonitor implements NetworkMonitor {
    private final ConnectivityManager connectivity;

    /**
     * Creates a monitor. Nothing is registered before a client connects.
     *
     * @param context any context; the monitor keeps the application's
     * @throws SecurityException if the application lacks the permission {@code android.permission.ACCESS_NETWORK_STATE}, which
     *     the manifest of holdfast-android asks for. The user is not asked for it
     */
    public AndroidNetworkMonitor(Context context) {
        Context application = HoldfastAndroid.applicationOf(context);
        if (application.checkSelfPermission(Manifest.permission.ACCESS_NETWORK_STATE)
                != PackageManager.PERMISSION_GRANTED) {
            throw new SecurityException("AndroidNetworkMonitor needs the permission "
                    + Manifest.permission.ACCESS_NETWORK_STATE
                    + ", which " + application.getPackageName() + " does not have: add <uses-permission android:name=\""
                    + Manifest.permission.ACCESS_NETWORK_STATE + "\" /> to AndroidManifest.xml");
        }
        connectivity = Objects.requireNonNull(
                application.getSystemService(ConnectivityManager.class), "the device has no ConnectivityManager");
    }

    @Override
    public Registration watch(Listener listener) {
        Objects.requireNonNull(listener, "listener");
        AndroidNetworkState first = AndroidNetworkState.of(connectivity.getActiveNetwork());
        ManualNetworkMonitor reports = new ManualNetworkMonitor();
        // Without a network, the system does not call the callback before there is one.
        if (!first.isUsable()) reports.lost();
        Registration registration = reports.watch(listener);
        DefaultNetworkCallback callback = new DefaultNetworkCallback(first, (before, now) -> {
            switch (now.since(before)) {
                case AVAILABLE:
                    reports.available();
                    break;
                case LOST:
                    reports.lost();
                    break;
                case REPLACED:
                    reports.changed();
                    break;
                default:
                    break;
            }
        });
        try {
            connectivity.registerDefaultNetworkCallback(callback);
        } catch (RuntimeException e) {
            refused(e);
            reports.available();
            return registration;
        }
        return () -> {
            callback.unregisterFrom(connectivity);
            registration.close();
        };
    }

    /**
     * Calls a listener with the state of the default network, on the main thread: once soon, and after every change. For an
     * application that shows a hint, such as a sign-in to a captive portal, or that sends less over a metered network.
     *
     * @param listener what it throws ends the application, as with every task of the main thread
     * @return the registration, to be closed when the listener is not needed any more. On the main thread, nothing is called
     *     after {@code close()} has returned
     */
    public Registration watchState(Consumer<? super AndroidNetworkState> listener) {
        Objects.requireNonNull(listener, "listener");
        AndroidNetworkState first = AndroidNetworkState.of(connectivity.getActiveNetwork());
        Handler main = new Handler(Looper.getMainLooper());
        DefaultNetworkCallback callback = new DefaultNetworkCallback(first, (before, now) -> {
            if (!now.equals(before)) listener.accept(now);
        });
        main.post(() -> callback.ifRegistered(() -> listener.accept(first)));
        try {
            connectivity.registerDefaultNetworkCallback(callback, main);
        } catch (RuntimeException e) {
            refused(e);
        }
        return () -> callback.unregisterFrom(connectivity);
    }

    private static void refused(RuntimeException e) {
        Log.w(
                HoldfastAndroid.TAG,
                "the system refused a network callback, so that changes of the network go unnoticed",
                e);
    }
}

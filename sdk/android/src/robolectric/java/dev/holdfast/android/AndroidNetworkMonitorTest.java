package dev.holdfast.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Application;
import android.net.ConnectivityManager;
import android.net.ConnectivityManager.NetworkCallback;
import android.net.LinkAddress;
import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.os.Build;
import android.os.Looper;
import dev.holdfast.NetworkMonitor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowConnectivityManager;
import org.robolectric.shadows.ShadowLog;
import org.robolectric.shadows.ShadowNetwork;
import org.robolectric.shadows.ShadowNetworkCapabilities;

@RunWith(RobolectricTestRunner.class)
@Config(sdk = {26, 30, 34, 35})
public final class AndroidNetworkMonitorTest {
    private final Application application = RuntimeEnvironment.getApplication();
    private final ConnectivityManager connectivity = application.getSystemService(ConnectivityManager.class);
    private final Network wifi = ShadowNetwork.newInstance(101);
    private final Network mobile = ShadowNetwork.newInstance(102);
    private final List<String> reports = new ArrayList<>();

    @Before
    public void grant() {
        shadowOf(application).grantPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
    }

    @Test
    public void reportsTheDefaultNetwork() {
        NetworkCallback system = watchOffline();
        assertEquals(List.of("lost"), reports);
        system.onAvailable(wifi);
        assertEquals(List.of("lost", "available"), reports);
        system.onLost(wifi);
        assertEquals(List.of("lost", "available", "lost"), reports);
    }

    @Test
    public void reportsTheStateAtTheBeginning() {
        Network active = connectivity.getActiveNetwork();
        watch();
        assertEquals(List.of("available"), reports);
        only().onAvailable(active);
        assertEquals("the same network again", List.of("available"), reports);
        only().onAvailable(wifi);
        assertEquals(List.of("available", "changed"), reports);
    }

    @Test
    public void reportsAnotherNetworkOnce() throws Exception {
        NetworkCallback system = watchOffline();
        connect(system, wifi, "192.0.2.1");
        connect(system, mobile, "198.51.100.7");
        assertEquals(List.of("lost", "available", "changed"), reports);
        system.onLost(wifi);
        assertEquals("the network before", List.of("lost", "available", "changed"), reports);
    }

    @Test
    public void reportsAnAddressThatIsGone() throws Exception {
        NetworkCallback system = watchOffline();
        connect(system, wifi, "192.0.2.1");
        system.onLinkPropertiesChanged(wifi, addresses("192.0.2.1", "192.0.2.2"));
        assertEquals(List.of("lost", "available"), reports);
        system.onLinkPropertiesChanged(wifi, addresses("192.0.2.2"));
        assertEquals(List.of("lost", "available", "changed"), reports);
    }

    @Test
    public void aBlockedApplicationHasNoNetwork() throws Exception {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return; // Not reported there.
        NetworkCallback system = watchOffline();
        connect(system, wifi, "192.0.2.1");
        system.onBlockedStatusChanged(wifi, true);
        system.onBlockedStatusChanged(wifi, true);
        assertEquals(List.of("lost", "available", "lost"), reports);
        system.onBlockedStatusChanged(wifi, false);
        assertEquals(List.of("lost", "available", "lost", "available"), reports);
    }

    @Test
    public void aNetworkNeedsNoInternet() {
        NetworkCallback system = watchOffline();
        system.onAvailable(wifi);
        system.onCapabilitiesChanged(wifi, capabilities(NetworkCapabilities.TRANSPORT_WIFI));
        assertEquals(List.of("lost", "available"), reports);
        system.onCapabilitiesChanged(
                wifi,
                capabilities(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL));
        assertEquals(List.of("lost", "available"), reports);
        system.onCapabilitiesChanged(
                wifi, capabilities(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.NET_CAPABILITY_VALIDATED));
        assertEquals("after the sign-in", List.of("lost", "available", "changed"), reports);
    }

    @Test
    public void reportsTheNetworkBelowAVpn() {
        NetworkCallback system = watchOffline();
        system.onAvailable(wifi);
        NetworkCapabilities overWifi = capabilities(NetworkCapabilities.TRANSPORT_VPN);
        shadowOf(overWifi).addTransportType(NetworkCapabilities.TRANSPORT_WIFI);
        system.onCapabilitiesChanged(wifi, overWifi);
        NetworkCapabilities overMobile = capabilities(NetworkCapabilities.TRANSPORT_VPN);
        shadowOf(overMobile).addTransportType(NetworkCapabilities.TRANSPORT_CELLULAR);
        system.onCapabilitiesChanged(wifi, overMobile);
        assertEquals(List.of("lost", "available", "changed"), reports);
    }

    @Test
    public void registersWithTheSystemWhileItIsWatched() {
        AndroidNetworkMonitor monitor = new AndroidNetworkMonitor(application);
        assertEquals(0, callbacks().size());
        NetworkMonitor.Registration first = monitor.watch(new Recorder());
        NetworkMonitor.Registration second = monitor.watch(new Recorder());
        assertEquals(2, callbacks().size());
        first.close();
        first.close();
        assertEquals(1, callbacks().size());
        second.close();
        assertEquals(0, callbacks().size());
    }

    @Test
    public void reportsNothingAfterTheEnd() {
        setOffline();
        NetworkMonitor.Registration registration = watch();
        NetworkCallback system = only();
        registration.close();
        system.onAvailable(wifi);
        assertEquals(List.of("lost"), reports);
    }

    @Test
    public void saysWhichPermissionIsMissing() {
        shadowOf(application).denyPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
        SecurityException e = assertThrows(SecurityException.class, () -> new AndroidNetworkMonitor(application));
        assertEquals(
                "AndroidNetworkMonitor needs the permission android.permission.ACCESS_NETWORK_STATE, which "
                        + application.getPackageName()
                        + " does not have: add <uses-permission android:name=\"android.permission.ACCESS_NETWORK_STATE\" />"
                        + " to AndroidManifest.xml",
                e.getMessage());
    }

    @Test
    @Config(shadows = RefusingConnectivityManager.class)
    public void aRefusedCallbackLeavesTheClientWithoutAMonitor() {
        setOffline();
        NetworkMonitor.Registration registration = watch();
        assertEquals("no client waits for a report", List.of("lost", "available"), reports);
        ShadowLog.LogItem line = ShadowLog.getLogsForTag("Holdfast").get(0);
        assertEquals("the system refused a network callback, so that changes of the network go unnoticed", line.msg);
        assertTrue(line.throwable instanceof SecurityException);
        registration.close();
        NetworkMonitor.Registration states = new AndroidNetworkMonitor(application).watchState(state -> {});
        shadowOf(Looper.getMainLooper()).idle();
        states.close();
    }

    @Test
    public void tellsTheApplicationTheState() {
        setOffline();
        List<String> states = new ArrayList<>();
        NetworkMonitor.Registration registration = new AndroidNetworkMonitor(application).watchState(state -> {
            assertTrue(Looper.getMainLooper().isCurrentThread());
            states.add(state.toString());
        });
        NetworkCallback system = only();
        shadowOf(Looper.getMainLooper()).idle();
        system.onAvailable(wifi);
        NetworkCapabilities portal =
                capabilities(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL);
        system.onCapabilitiesChanged(wifi, portal);
        system.onCapabilitiesChanged(wifi, portal);
        shadowOf(Looper.getMainLooper()).idle();
        assertEquals(List.of("no network", "network 101", "network 101 (captive portal, metered)"), states);
        registration.close();
        system.onLost(wifi);
        assertEquals(3, states.size());
        assertEquals(0, callbacks().size());
    }

    @Test
    public void aStateListenerIsNotCalledAfterItsEnd() {
        new AndroidNetworkMonitor(application)
                .watchState(state -> {
                    throw new AssertionError(state);
                })
                .close();
        shadowOf(Looper.getMainLooper()).idle();
        assertFalse(callbacks().iterator().hasNext());
    }

    private NetworkCallback watchOffline() {
        setOffline();
        watch();
        return only();
    }

    private void setOffline() {
        shadowOf(connectivity).setActiveNetworkInfo(null);
    }

    private NetworkMonitor.Registration watch() {
        return new AndroidNetworkMonitor(application).watch(new Recorder());
    }

    private java.util.Set<NetworkCallback> callbacks() {
        return shadowOf(connectivity).getNetworkCallbacks();
    }

    private NetworkCallback only() {
        assertEquals(1, callbacks().size());
        return callbacks().iterator().next();
    }

    private static void connect(NetworkCallback system, Network network, String address) throws UnknownHostException {
        system.onAvailable(network);
        system.onCapabilitiesChanged(network, capabilities(NetworkCapabilities.TRANSPORT_WIFI));
        system.onLinkPropertiesChanged(network, addresses(address));
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) system.onBlockedStatusChanged(network, false);
    }

    private static NetworkCapabilities capabilities(int transport, int... capabilities) {
        NetworkCapabilities all = ShadowNetworkCapabilities.newInstance();
        // A new instance is neither restricted nor metered.
        shadowOf(all).removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED);
        shadowOf(all).addTransportType(transport);
        for (int capability : capabilities) shadowOf(all).addCapability(capability);
        return all;
    }

    private static LinkProperties addresses(String... addresses) throws UnknownHostException {
        LinkProperties properties = new LinkProperties();
        List<LinkAddress> all = new ArrayList<>();
        for (String address : addresses) all.add(new LinkAddress(InetAddress.getByName(address), 24));
        properties.setLinkAddresses(all);
        return properties;
    }

    private final class Recorder implements NetworkMonitor.Listener {
        @Override
        public void onAvailable() {
            reports.add("available");
        }

        @Override
        public void onLost() {
            reports.add("lost");
        }

        @Override
        public void onChanged() {
            reports.add("changed");
        }
    }

    /** As some devices with Android 11, which wrongly deny the permission. */
    @Implements(ConnectivityManager.class)
    public static final class RefusingConnectivityManager extends ShadowConnectivityManager {
        @Implementation
        @Override
        protected void registerDefaultNetworkCallback(NetworkCallback callback) {
            throw new SecurityException("Package android does not belong to 10123");
        }

        @Implementation
        @Override
        protected void registerDefaultNetworkCallback(NetworkCallback callback, android.os.Handler handler) {
            throw new SecurityException("Package android does not belong to 10123");
        }

        @Implementation
        @Override
        protected void unregisterNetworkCallback(NetworkCallback callback) {
            throw new IllegalArgumentException("NetworkCallback was not registered");
        }
    }
}

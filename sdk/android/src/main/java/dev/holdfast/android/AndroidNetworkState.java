package dev.holdfast.android;

import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable description of the default network: whether there is one, whether the application may use it, and what the
 * system knows about it.
 */
public final class AndroidNetworkState {
    /** The transports that are compared; a constant that the system adds later has a higher number. */
    private static final int[] TRANSPORTS = {
        NetworkCapabilities.TRANSPORT_CELLULAR,
        NetworkCapabilities.TRANSPORT_WIFI,
        NetworkCapabilities.TRANSPORT_BLUETOOTH,
        NetworkCapabilities.TRANSPORT_ETHERNET,
        NetworkCapabilities.TRANSPORT_VPN
    };

    /** A property that the system reports. */
    enum Flag {
        BLOCKED,
        VALIDATED,
        CAPTIVE_PORTAL,
        METERED,
        VPN
    }

    /** The change between two states, as it concerns a connection. */
    enum Change {
        NONE,
        AVAILABLE,
        LOST,
        /** Connections that were made before may be dead. */
        REPLACED
    }

    /** Identifies the network; null if there is none. */
    private final @Nullable Object network;

    /** An EnumSet that nobody changes. */
    private final EnumSet<Flag> flags;
    /** A bit for each transport; 0 while the system has not reported them. */
    private final int transports;

    private final List<?> addresses;

    private AndroidNetworkState(@Nullable Object network, EnumSet<Flag> flags, int transports, List<?> addresses) {
        this.network = network;
        this.flags = flags;
        this.transports = transports;
        this.addresses = addresses;
    }

    /** Returns a state of which nothing but the network is known. */
    static AndroidNetworkState of(@Nullable Object network) {
        return new AndroidNetworkState(network, EnumSet.noneOf(Flag.class), 0, Collections.emptyList());
    }

    /**
     * Returns the state after the system has named another default network, or none (null). A block belongs to the
     * application rather than to a network: the system reports it again after it has named the network.
     */
    AndroidNetworkState withNetwork(@Nullable Object now) {
        if (Objects.equals(network, now)) return this;
        return of(now).with(Flag.BLOCKED, isBlocked());
    }

    AndroidNetworkState with(Flag flag, boolean value) {
        EnumSet<Flag> changed = EnumSet.copyOf(flags);
        if (value) changed.add(flag);
        else changed.remove(flag);
        return new AndroidNetworkState(network, changed, transports, addresses);
    }

    AndroidNetworkState with(NetworkCapabilities capabilities) {
        int now = 0;
        for (int transport : TRANSPORTS) {
            if (capabilities.hasTransport(transport)) now |= 1 << transport;
        }
        return withTransports(now)
                .with(Flag.VALIDATED, capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED))
                .with(
                        Flag.CAPTIVE_PORTAL,
                        capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL))
                .with(Flag.METERED, !capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED))
                .with(Flag.VPN, capabilities.hasTransport(NetworkCapabilities.TRANSPORT_VPN));
    }

    AndroidNetworkState withTransports(int now) {
        return new AndroidNetworkState(network, flags, now, addresses);
    }

    AndroidNetworkState with(LinkProperties properties) {
        return withAddresses(properties.getLinkAddresses());
    }

    AndroidNetworkState withAddresses(List<?> now) {
        return new AndroidNetworkState(network, flags, transports, Collections.unmodifiableList(new ArrayList<>(now)));
    }

    /** Returns whether the network is the given one, the only kind that a report about {@code other} may change. */
    boolean isAbout(Network other) {
        return other.equals(network);
    }

    /** Returns what the step from {@code before} to this state means for a connection. */
    Change since(AndroidNetworkState before) {
        if (!isUsable()) return before.isUsable() ? Change.LOST : Change.NONE;
        if (!before.isUsable()) return Change.AVAILABLE;
        // For example from Wi-Fi to mobile data: the system does not report the old network as lost.
        if (!Objects.equals(network, before.network)) return Change.REPLACED;
        // A new address does no harm. Connections made from an address that is gone are dead.
        if (!addresses.containsAll(before.addresses)) return Change.REPLACED;
        // Until the user has signed in, the portal answers in place of every server.
        if (before.hasCaptivePortal() && !hasCaptivePortal()) return Change.REPLACED;
        // A VPN stays the same network while the network below it changes.
        boolean moved = isVpn() && before.transports != 0 && transports != before.transports;
        return moved ? Change.REPLACED : Change.NONE;
    }

    /**
     * Returns whether a client may connect.
     *
     * @return true if there is a default network and the system does not block it for the application
     */
    public boolean isUsable() {
        return isAvailable() && !isBlocked();
    }

    /**
     * Returns whether there is a default network, blocked or not.
     *
     * @return false in flight mode, for example
     */
    public boolean isAvailable() {
        return network != null;
    }

    /**
     * Returns whether the system blocks the application's traffic: in Doze and App Standby, by Data Saver or Battery Saver,
     * or because the application is in the background.
     *
     * @return false on Android 8 and 9 (API 26 to 28), which do not report it
     */
    public boolean isBlocked() {
        return has(Flag.BLOCKED);
    }

    /**
     * Returns whether the system has reached the Internet through the network.
     *
     * @return false also in a network without Internet, such as that of a device at home, and where the servers that the
     *     system tries are blocked
     */
    public boolean isValidated() {
        return has(Flag.VALIDATED);
    }

    /**
     * Returns whether the network has a captive portal.
     *
     * @return true until the user has signed in; until then the portal answers in place of every server
     */
    public boolean hasCaptivePortal() {
        return has(Flag.CAPTIVE_PORTAL);
    }

    /**
     * Returns whether the network is metered.
     *
     * @return true if the user may have to pay for traffic, as with most mobile data
     */
    public boolean isMetered() {
        return has(Flag.METERED);
    }

    /**
     * Returns whether the default network is a VPN.
     *
     * @return true if all traffic goes through it
     */
    public boolean isVpn() {
        return has(Flag.VPN);
    }

    private boolean has(Flag flag) {
        return flags.contains(flag);
    }

    /** Compares every property, the network and its addresses included. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof AndroidNetworkState)) return false;
        AndroidNetworkState that = (AndroidNetworkState) other;
        return Objects.equals(network, that.network)
                && flags.equals(that.flags)
                && transports == that.transports
                && addresses.equals(that.addresses);
    }

    @Override
    public int hashCode() {
        return Objects.hash(network, flags, transports, addresses);
    }

    /** Returns the state in words, without addresses: {@code network 101 (validated, metered)}. */
    @Override
    public String toString() {
        if (network == null) return isBlocked() ? "no network (blocked)" : "no network";
        List<String> words = new ArrayList<>();
        for (Flag flag : flags) words.add(flag.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        return "network " + network + (words.isEmpty() ? "" : " (" + String.join(", ", words) + ")");
    }
}

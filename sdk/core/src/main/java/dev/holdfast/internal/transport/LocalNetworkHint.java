package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Explains a failure to reach a host of the local network on Android. From Android 17 on, an application that targets it needs
 * a permission of the user for that. Without the permission a connection attempt gets no answer, or fails with EPERM: nothing
 * that names the cause.
 */
final class LocalNetworkHint {
    private static final String HINT =
            "; this is an address of the local network, for which Android 17 and later need the"
                    + " permission android.permission.ACCESS_LOCAL_NETWORK (Android 16, where restricted: NEARBY_WIFI_DEVICES)";

    private LocalNetworkHint() {}

    /** Returns whether this process runs on Android. */
    static boolean isAndroid() {
        return "Dalvik".equals(System.getProperty("java.vm.name"));
    }

    /**
     * Returns the hint, or an empty string if the failure has another cause.
     *
     * @param address the address that could not be reached; null if there is none
     * @param failure null if there was no answer
     */
    static String of(@Nullable InetSocketAddress address, @Nullable IOException failure, boolean isAndroid) {
        if (address == null || address.isUnresolved() || !isLocal(address.getAddress())) return "";
        // Only Android names the error number in this way.
        boolean refusedBySystem =
                failure != null && String.valueOf(failure.getMessage()).contains("EPERM");
        return refusedBySystem || (isAndroid && failure == null) ? HINT : "";
    }

    /** Returns the hint for a host that was not found, or an empty string. */
    static String ofUnknownHost(String host, boolean isAndroid) {
        return isAndroid && host.toLowerCase(Locale.ROOT).endsWith(".local") ? HINT : "";
    }

    /** The IPv4 ranges that Android counts as local; of IPv6 those that no route beyond the local network has. */
    private static boolean isLocal(InetAddress address) {
        if (address.isSiteLocalAddress() || address.isLinkLocalAddress()) return true;
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            // 100.64.0.0/10, of carriers and of meshes.
            return (bytes[0] & 0xff) == 100 && (bytes[1] & 0xc0) == 64;
        }
        // fc00::/7, unique local addresses.
        return (bytes[0] & 0xfe) == 0xfc;
    }
}

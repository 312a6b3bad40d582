package dev.holdfast;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The addresses from which a connection could leave this machine, as far as the JDK tells. */
final class NetworkRoutes {
    private static final int IPV6_PREFIX_BYTES = 8;

    /**
     * Interfaces that containers and virtual machines on this machine hang on. Those of Windows' own hypervisor are not
     * among them: the machine's real network may be behind one, and a network too many does less harm than one too few.
     */
    private static final Pattern VIRTUAL_NAME =
            Pattern.compile("docker\\d+|docker_gwbridge|br-[0-9a-f]{12}|veth.+|cali.+"
                    + "|(?:virbr|lxcbr|lxdbr|incusbr|podman|cni|vmnet|vboxnet)\\d+|cni-podman\\d+|virbr\\d+-nic"
                    + "|flannel.+|bridge1\\d\\d");

    private static final Pattern VIRTUAL_DISPLAY_NAME =
            Pattern.compile("VirtualBox Host-Only.*|VMware Virtual Ethernet Adapter.*");

    private NetworkRoutes() {}

    static Set<String> ofThisMachine() throws SocketException {
        Set<String> routes = new HashSet<>();
        Enumeration<NetworkInterface> interfaces = NetworkInterface.getNetworkInterfaces();
        // Java 8 and old Androids say null for none.
        if (interfaces == null) return routes;
        for (NetworkInterface each : Collections.list(interfaces)) {
            if (each.isLoopback() || each.isVirtual() || !each.isUp()) continue;
            for (InetAddress address : Collections.list(each.getInetAddresses())) {
                String route = route(each.getName(), each.getDisplayName(), address);
                if (route != null) routes.add(route);
            }
        }
        return routes;
    }

    /**
     * The identity of the route through an address; null if there is none. Of an IPv6 address only the network's half
     * counts: the other half of temporary addresses changes every day while the network is the same.
     */
    static @Nullable String route(String name, @Nullable String displayName, InetAddress address) {
        if (VIRTUAL_NAME.matcher(name).matches()) return null;
        if (displayName != null && VIRTUAL_DISPLAY_NAME.matcher(displayName).matches()) return null;
        if (address.isLinkLocalAddress() || address.isLoopbackAddress() || address.isAnyLocalAddress()) return null;
        byte[] bytes = address.getAddress();
        int significant = address instanceof Inet6Address ? IPV6_PREFIX_BYTES : bytes.length;
        StringBuilder route = new StringBuilder(name);
        for (int i = 0; i < significant; i++) route.append(i == 0 ? ' ' : '.').append(bytes[i] & 0xff);
        return route.toString();
    }
}

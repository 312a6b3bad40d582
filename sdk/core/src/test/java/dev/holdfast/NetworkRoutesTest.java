package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkRoutesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.7",
                "10.0.0.7",
                "172.17.0.2",
                "192.168.1.7",
                "100.64.0.7",
                "2001:db8::7",
                "fd00:1:2:3::7"
            })
    void anAddressThatReachesFurtherThanTheLinkIsAWayOut(String address) throws UnknownHostException {
        assertNotNull(route("eth0", address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "169.254.3.4", "fe80::1", "0.0.0.0", "::"})
    void oneThatDoesNotIsNone(String address) throws UnknownHostException {
        assertNull(route("eth0", address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"eth0", "en0", "wlp3s0", "br0", "bridge0", "tun0", "utun3", "ppp0", "wwan0", "bond0", "rmnet0"})
    void interfacesThatMayLeadOutCount(String name) throws UnknownHostException {
        assertNotNull(route(name, "192.0.2.7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker0", "br-0123456789ab", "docker_gwbridge", "veth12ab34c", "virbr0", "virbr0-nic", "lxcbr0",
                        "lxdbr0",
                "podman1", "cni0", "cni-podman0", "flannel.1", "cali0a1b2c", "vmnet8", "vboxnet0", "bridge100"
            })
    void thoseOfContainersAndVirtualMachinesDoNot(String name) throws UnknownHostException {
        assertNull(route(name, "192.0.2.7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"VirtualBox Host-Only Ethernet Adapter #2", "VMware Virtual Ethernet Adapter for VMnet8"})
    void onWindowsTheirDisplayNameTells(String displayName) throws UnknownHostException {
        assertNull(NetworkRoutes.route("eth4", displayName, InetAddress.getByName("192.0.2.7")));
    }

    @Test
    void aMachineWithoutDisplayNamesIsNoProblem() throws UnknownHostException {
        assertNotNull(NetworkRoutes.route("eth4", null, InetAddress.getByName("192.0.2.7")));
    }

    @Test
    void aTemporaryIpv6AddressIsTheSameWayOut() throws UnknownHostException {
        assertEquals(route("eth0", "2001:db8:1:2::7"), route("eth0", "2001:db8:1:2:89ab:cdef:1:2"));
        assertNotEquals(route("eth0", "2001:db8:1:2::7"), route("eth0", "2001:db8:1:3::7"));
    }

    @Test
    void anotherInterfaceOrIpv4AddressIsAnother() throws UnknownHostException {
        assertNotEquals(route("eth0", "192.0.2.7"), route("eth0", "192.0.2.8"));
        assertNotEquals(route("eth0", "192.0.2.7"), route("wlan0", "192.0.2.7"));
    }

    private static String route(String name, String address) throws UnknownHostException {
        return NetworkRoutes.route(name, name, InetAddress.getByName(address));
    }
}

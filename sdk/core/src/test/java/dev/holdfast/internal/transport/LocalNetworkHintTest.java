package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalNetworkHintTest {
    private final IOException eperm = new SocketException("connect failed: EPERM (Operation not permitted)");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.7",
                "172.16.0.1",
                "192.168.1.20",
                "169.254.3.4",
                "100.64.0.1",
                "100.127.0.1",
                "fe80::1",
                "fd00::7"
            })
    void namesThePermissionForALocalAddress(String address) throws Exception {
        assertTrue(LocalNetworkHint.of(at(address), eperm, true).contains("android.permission.ACCESS_LOCAL_NETWORK"));
        assertFalse(LocalNetworkHint.of(at(address), null, true).isEmpty(), "no answer");
        assertFalse(LocalNetworkHint.of(at(address), eperm, false).isEmpty(), "only Android writes EPERM");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"198.51.100.7", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2001:db8::1", "127.0.0.1", "::1"})
    void saysNothingAboutAnAddressElsewhere(String address) throws Exception {
        assertEquals("", LocalNetworkHint.of(at(address), eperm, true));
        assertEquals("", LocalNetworkHint.of(at(address), null, true));
    }

    @Test
    void saysNothingAboutAnotherCause() throws Exception {
        InetSocketAddress local = at("192.168.1.20");
        assertEquals("", LocalNetworkHint.of(local, null, false), "no answer, on a desktop");
        assertEquals("", LocalNetworkHint.of(local, new IOException("Connection refused"), true));
        assertEquals("", LocalNetworkHint.of(local, new IOException(), true));
        assertEquals("", LocalNetworkHint.of(null, eperm, true));
        assertEquals("", LocalNetworkHint.of(InetSocketAddress.createUnresolved("printer.local", 80), eperm, true));
    }

    @Test
    void knowsNamesOfTheLocalNetwork() {
        assertFalse(LocalNetworkHint.ofUnknownHost("printer.local", true).isEmpty());
        assertEquals("", LocalNetworkHint.ofUnknownHost("printer.local", false));
        assertEquals("", LocalNetworkHint.ofUnknownHost("example.com", true));
    }

    private static InetSocketAddress at(String address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), 80);
    }
}

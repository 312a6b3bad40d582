package dev.holdfast.android;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.android.AndroidNetworkState.Change;
import dev.holdfast.android.AndroidNetworkState.Flag;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which steps from one state of the default network to the next matter to a connection. No Android is needed. */
class AndroidNetworkStateTest {
    private static final int WIFI = 1 << 1;
    private static final int CELLULAR = 1;
    private static final int VPN = 1 << 4;

    private final AndroidNetworkState none = AndroidNetworkState.of(null);
    private final AndroidNetworkState wifi = AndroidNetworkState.of("wifi");

    @Test
    void aNetworkComesAndGoes() {
        assertEquals(Change.AVAILABLE, wifi.since(none));
        assertEquals(Change.LOST, none.since(wifi));
        assertEquals(Change.NONE, wifi.since(wifi));
        assertEquals(Change.NONE, none.since(none));
    }

    @Test
    void anotherNetworkReplacesTheFirst() {
        assertEquals(Change.REPLACED, wifi.withNetwork("mobile").since(wifi));
        assertEquals(Change.NONE, wifi.withNetwork("wifi").since(wifi));
    }

    @Test
    void anAddressThatIsGoneMatters() {
        AndroidNetworkState first = wifi.withAddresses(List.of("first"));
        AndroidNetworkState both = wifi.withAddresses(List.of("first", "second"));
        assertEquals(Change.NONE, first.since(wifi), "the first report of the addresses");
        assertEquals(Change.NONE, both.since(first));
        assertEquals(Change.REPLACED, first.since(both));
        AndroidNetworkState mobile = first.withNetwork("mobile");
        assertEquals(Change.NONE, mobile.withAddresses(List.of("third")).since(mobile), "of another network");
    }

    @Test
    void aBlockedNetworkIsNoNetwork() {
        AndroidNetworkState blocked = wifi.with(Flag.BLOCKED, true);
        assertTrue(blocked.isAvailable());
        assertFalse(blocked.isUsable());
        assertEquals(Change.LOST, blocked.since(wifi));
        assertEquals(Change.AVAILABLE, wifi.since(blocked));
        assertEquals(Change.NONE, none.since(blocked));
    }

    @Test
    void aBlockOutlivesTheNetwork() {
        AndroidNetworkState blocked = wifi.with(Flag.BLOCKED, true).with(Flag.METERED, true);
        AndroidNetworkState other = blocked.withNetwork(null).withNetwork("mobile");
        assertTrue(other.isBlocked());
        assertFalse(other.isMetered());
        assertEquals(Change.NONE, other.since(blocked));
    }

    @Test
    void aNetworkThatIsNotValidatedIsUsable() {
        AndroidNetworkState validated = wifi.with(Flag.VALIDATED, true);
        assertEquals(Change.NONE, validated.since(wifi));
        assertEquals(Change.NONE, wifi.since(validated));
        assertTrue(wifi.isUsable());
    }

    @Test
    void aSignInToACaptivePortalMatters() {
        AndroidNetworkState portal = wifi.with(Flag.CAPTIVE_PORTAL, true);
        AndroidNetworkState signedIn = wifi.with(Flag.VALIDATED, true);
        assertEquals(Change.NONE, portal.since(wifi));
        assertEquals(Change.REPLACED, signedIn.since(portal));
    }

    @Test
    void aNetworkBelowAVpnMatters() {
        AndroidNetworkState overWifi =
                AndroidNetworkState.of("vpn").with(Flag.VPN, true).withTransports(VPN | WIFI);
        AndroidNetworkState overMobile = overWifi.withTransports(VPN | CELLULAR);
        assertEquals(Change.REPLACED, overMobile.since(overWifi));
        assertEquals(Change.NONE, overWifi.since(overWifi.withTransports(0)), "the first report of the transports");
        AndroidNetworkState plain = wifi.withTransports(WIFI);
        assertEquals(Change.NONE, plain.withTransports(WIFI | CELLULAR).since(plain));
    }

    @Test
    void aMeteredNetworkIsUsed() {
        assertEquals(Change.NONE, wifi.with(Flag.METERED, true).since(wifi));
    }

    @Test
    void describesItselfWithoutAddresses() {
        AndroidNetworkState state =
                wifi.with(Flag.VALIDATED, true).with(Flag.CAPTIVE_PORTAL, true).withAddresses(List.of("192.0.2.1"));
        assertEquals("network wifi (validated, captive portal)", state.toString());
        assertEquals("network wifi", wifi.toString());
        assertEquals("no network", none.toString());
        assertEquals("no network (blocked)", none.with(Flag.BLOCKED, true).toString());
    }

    @Test
    void isAValue() {
        assertEquals(wifi.with(Flag.VPN, true), AndroidNetworkState.of("wifi").with(Flag.VPN, true));
        assertEquals(wifi.hashCode(), AndroidNetworkState.of("wifi").hashCode());
        assertNotEquals(wifi, none);
        assertNotEquals(wifi, wifi.withAddresses(List.of("first")));
    }
}

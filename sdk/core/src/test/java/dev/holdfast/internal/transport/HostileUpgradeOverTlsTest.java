package dev.holdfast.internal.transport;

class HostileUpgradeOverTlsTest extends HostileUpgradeContract {
    HostileUpgradeOverTlsTest() {
        super(TransportRig.tls());
    }
}

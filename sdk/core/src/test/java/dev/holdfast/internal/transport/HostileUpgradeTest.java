package dev.holdfast.internal.transport;

class HostileUpgradeTest extends HostileUpgradeContract {
    HostileUpgradeTest() {
        super(new TransportRig());
    }
}

package dev.holdfast.internal.transport;

class HostileResetTest extends HostileResetContract {
    HostileResetTest() {
        super(new TransportRig());
    }
}

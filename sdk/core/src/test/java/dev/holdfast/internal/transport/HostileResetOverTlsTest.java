package dev.holdfast.internal.transport;

class HostileResetOverTlsTest extends HostileResetContract {
    HostileResetOverTlsTest() {
        super(TransportRig.tls());
    }
}

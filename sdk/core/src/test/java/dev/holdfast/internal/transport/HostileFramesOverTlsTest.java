package dev.holdfast.internal.transport;

class HostileFramesOverTlsTest extends HostileFramesContract {
    HostileFramesOverTlsTest() {
        super(TransportRig.tls());
    }
}

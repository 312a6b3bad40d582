package dev.holdfast.internal.transport;

class HostileFlowOverTlsTest extends HostileFlowContract {
    HostileFlowOverTlsTest() {
        super(TransportRig.tls());
    }
}

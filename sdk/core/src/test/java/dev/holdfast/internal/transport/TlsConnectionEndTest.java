package dev.holdfast.internal.transport;

class TlsConnectionEndTest extends ConnectionEndContract {
    TlsConnectionEndTest() {
        super(TransportRig.tls());
    }
}

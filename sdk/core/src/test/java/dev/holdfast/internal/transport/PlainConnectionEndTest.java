package dev.holdfast.internal.transport;

class PlainConnectionEndTest extends ConnectionEndContract {
    PlainConnectionEndTest() {
        super(new TransportRig());
    }
}

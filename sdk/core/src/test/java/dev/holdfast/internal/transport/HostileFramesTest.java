package dev.holdfast.internal.transport;

class HostileFramesTest extends HostileFramesContract {
    HostileFramesTest() {
        super(new TransportRig());
    }
}

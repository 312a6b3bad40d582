package dev.holdfast.internal.transport;

/** The writer gives its thread back after each batch, and gets another for the next. */
class LeavingWriterConnectionEndTest extends ConnectionEndContract {
    LeavingWriterConnectionEndTest() {
        super(rig());
    }

    private static TransportRig rig() {
        TransportRig rig = new TransportRig();
        rig.settings = rig.settings.writerIdleNanos(0);
        return rig;
    }
}

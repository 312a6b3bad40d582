package dev.holdfast;

import dev.holdfast.internal.transport.CarrierFactory;
import java.util.Objects;

/**
 * The transport of the messages of a client's sessions. Without one, a client uses WebSockets. The artifact {@code holdfast-http}
 * has carriers for networks in which no WebSocket opens. One object may serve many clients.
 */
public final class Carrier {
    private final CarrierFactory factory;

    private Carrier(CarrierFactory factory) {
        this.factory = factory;
    }

    /**
     * {@return a carrier of another artifact of the SDK} For those artifacts only: the package of the parameter's type is
     * internal, is exported to them alone, and may change in any release.
     *
     * @param factory makes the transport of one client
     */
    public static Carrier of(CarrierFactory factory) {
        return new Carrier(Objects.requireNonNull(factory, "factory"));
    }

    boolean isReadOnly() {
        return factory.isReadOnly();
    }

    CarrierFactory factory() {
        return factory;
    }
}

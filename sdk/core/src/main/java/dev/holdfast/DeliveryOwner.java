package dev.holdfast;

import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.session.Outbound;

/** What the deliveries of a client need of its driver. */
final class DeliveryOwner implements Delivery.Owner {
    private final SessionDriver driver;

    DeliveryOwner(SessionDriver driver) {
        this.driver = driver;
    }

    @Override
    public boolean recall(Outbound message) {
        return driver.recall(message);
    }

    @Override
    public boolean giveUp(Outbound message) {
        return driver.giveUp(message);
    }

    @Override
    public boolean mustNotWait() {
        return driver.mustNotWait();
    }
}

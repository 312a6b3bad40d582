package dev.holdfast;

import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.session.Outbound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The client's driver, as its deliveries see it. */
final class DeliveryOwner implements Delivery.Owner {
    private final SessionDriver driver;
    private final Payloads payloads;

    DeliveryOwner(SessionDriver driver, Payloads payloads) {
        this.driver = driver;
        this.payloads = payloads;
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
    public boolean hasStore() {
        return driver.hasStore();
    }

    @Override
    public boolean mustNotWait() {
        return driver.mustNotWait();
    }

    @Override
    public Payloads payloads() {
        return payloads;
    }

    /** Returns the receipts of the messages, in order. */
    static List<Delivery> receipts(List<Outbound> messages) {
        List<Delivery> receipts = new ArrayList<>(messages.size());
        for (Outbound message : messages) receipts.add((Delivery) message.receipt());
        return Collections.unmodifiableList(receipts);
    }
}

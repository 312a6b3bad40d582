package dev.holdfast;

import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import java.util.Collections;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/** The messages that a client sends at the start of every session, by their names. Safe from any thread. */
final class SessionStartMessages {
    private static final int MAX_MESSAGES = 1024;

    /** Nobody changes a set: it is replaced. */
    private final AtomicReference<Set<String>> names = new AtomicReference<>(Collections.emptySet());

    private final Payloads payloads;
    private final SessionDriver driver;
    private final Function<Payload, Outbound> outbounds;

    /** @param outbounds makes a message to send, a new one for each session */
    SessionStartMessages(Payloads payloads, SessionDriver driver, Function<Payload, Outbound> outbounds) {
        this.payloads = payloads;
        this.driver = driver;
        this.outbounds = outbounds;
    }

    void put(String name, Object message) {
        Objects.requireNonNull(name, "name");
        Set<String> known = Objects.requireNonNull(names.get());
        if (!known.contains(name) && known.size() >= MAX_MESSAGES) {
            throw new IllegalStateException("there are " + MAX_MESSAGES + " session start messages already");
        }
        Payload payload = payloads.payload(message);
        if (payload.isAcknowledgedById()) {
            throw new IllegalArgumentException(
                    "a session start message goes out in each session, so it can't be acknowledged by an id of its own");
        }
        long bytes = payload.size();
        if (bytes > driver.queueLimit()) {
            throw new IllegalArgumentException(
                    "session start message of " + bytes + " bytes, and the queue takes at most " + driver.queueLimit());
        }
        if (!known.contains(name)) change(others -> others.add(name));
        driver.putStartMessage(name, () -> outbounds.apply(payload).asSessionStart());
    }

    void remove(String name) {
        Objects.requireNonNull(name, "name");
        change(others -> others.remove(name));
        driver.withdraw(name);
    }

    private void change(Consumer<Set<String>> change) {
        names.updateAndGet(old -> {
            Set<String> changed = new HashSet<>(old);
            change.accept(changed);
            return changed;
        });
    }
}

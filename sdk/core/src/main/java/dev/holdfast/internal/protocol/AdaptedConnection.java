package dev.holdfast.internal.protocol;

import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a protocol. The reader copies the message only. The protocol reads it on the serial context, so its code needs no
 * locks, and is never called for a connection that is over.
 */
final class AdaptedConnection implements ProtocolReader {
    private final AdaptedProtocol protocol;

    /** Null before its first use. Confined to the serial context. */
    private @Nullable ProtocolConnection connection;

    AdaptedConnection(AdaptedProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public void opened() {
        protocol.opened(this);
    }

    /** Returns the protocol's state of this connection. Throws what the protocol throws. */
    ProtocolConnection connection() {
        ProtocolConnection known = connection;
        if (known == null) {
            known = Objects.requireNonNull(protocol.protocol.newConnection(), "newConnection");
            connection = known;
        }
        return known;
    }

    @Override
    public SessionEvent readText(Utf8Text utf8) throws ProtocolViolation {
        int size = utf8.size();
        String text = utf8.string();
        return (machine, from, now) -> read((to, events) -> to.onText(text, events), size, machine, from, now);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        return (machine, from, now) ->
                read((to, events) -> to.onBinary(bytes, events), bytes.size(), machine, from, now);
    }

    private List<Effect> read(
            BiConsumer<ProtocolConnection, ProtocolEvents> message,
            int size,
            SessionMachine machine,
            long from,
            long now) {
        List<Effect> effects = new ArrayList<>();
        if (!machine.protocolInput.heard(from, now)) return effects;
        RecordedEvents events = new RecordedEvents(size, protocol.opens());
        Throwable thrown = null;
        try {
            message.accept(connection(), events);
        } catch (Throwable t) {
            thrown = t;
        }
        // The machine may call the protocol's subscriptions, so it is not called before the protocol has returned.
        for (SessionEvent event : events.end()) {
            List<Effect> made = event.apply(machine, from, now);
            effects.addAll(made);
            // The machine uses the list again, and would keep the last message until then.
            if (!made.isEmpty()) made.clear();
        }
        if (thrown != null) {
            List<Effect> ended = machine.protocolInput.onFault(from, thrown, now);
            // An earlier call of the protocol has ended the connection already.
            if (ended.isEmpty()) Uncaught.report(thrown);
            effects.addAll(ended);
        }
        return effects;
    }
}

package dev.holdfast.internal.resume;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.PlainProtocol;
import dev.holdfast.internal.session.SessionEvent;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A protocol without a session whose messages carry ids of the server's own. */
public final class LastIdProtocol extends PlainProtocol {
    /** The maximum length of an id. A longer one is not worth its memory. */
    private static final int MAX_ID = 1024;

    private final @Nullable Function<String, @Nullable String> idOf;
    private final @Nullable Function<String, Payload> opening;

    /**
     * @param idOf returns the id of a text message, null if it has none; it must not throw. Null if ids are not in the texts
     * @param opening creates the first message from the last id; null if the handshake carries the id
     */
    public LastIdProtocol(
            @Nullable Function<String, @Nullable String> idOf, @Nullable Function<String, Payload> opening) {
        this.idOf = idOf;
        this.opening = opening;
    }

    @Override
    public SessionEvent readText(Utf8Text utf8) throws ProtocolViolation {
        return readEvent(utf8, null);
    }

    @Override
    public SessionEvent readEvent(Utf8Text utf8, @Nullable String outside) throws ProtocolViolation {
        int size = utf8.size();
        String text = utf8.string();
        String id = checked(idOf == null ? outside : idOf.apply(text));
        Payload payload = Payload.text(text, size);
        return new Inbound(id, payload, size);
    }

    @Override
    public SessionEvent readPosition(@Nullable String outside) {
        if (idOf != null) return super.readPosition(outside);
        String id = checked(outside);
        return (machine, connection, now) -> machine.protocolInput.onPosition(connection, id, now);
    }

    private static @Nullable String checked(@Nullable String id) {
        return id == null || id.isEmpty() || id.length() > MAX_ID ? null : id;
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        String last = open.last;
        if (opening == null || last == null) throw new IllegalStateException("nothing to open with");
        Payload payload;
        try {
            payload = opening.apply(last);
        } catch (Throwable t) {
            throw new ApplicationFault(t);
        }
        write(payload, payload.size(), wire);
    }
}

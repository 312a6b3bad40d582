package dev.holdfast.graphql;

import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The server's acknowledgement of a connection: its {@code connection_ack}. Immutable. */
public final class ConnectionAck {
    private final @Nullable String payload;
    private final long connection;
    private final Supplier<PayloadCodec> codec;

    ConnectionAck(@Nullable String payload, long connection, Supplier<PayloadCodec> codec) {
        this.payload = payload;
        this.connection = connection;
        this.codec = codec;
    }

    /** {@return the JSON of the payload, null if there is none} */
    public @Nullable String payload() {
        return payload;
    }

    /**
     * Reads the payload as an object with the codec.
     *
     * @param <T> the type to read
     * @param type the class of the object to return
     * @return an object of that type, null if there is no payload
     * @throws PayloadException if the payload cannot be read as that type
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The codec returns an object of the type.
    public <T> @Nullable T read(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return payload == null ? null : (T) codec.get().decode(EncodedPayload.json(payload), type);
    }

    /** Returns the number of the connection. */
    long connection() {
        return connection;
    }

    /** Returns whether there is a payload, but not the payload. */
    @Override
    public String toString() {
        return payload == null ? "connection_ack" : "connection_ack with a payload";
    }
}

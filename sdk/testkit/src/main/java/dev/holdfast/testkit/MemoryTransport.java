package dev.holdfast.testkit;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Opens connections in memory. */
final class MemoryTransport implements Transport {
    /** Answers an attempt to connect. */
    interface Door {
        MemoryConnection attempt(
                Request request,
                @Nullable String subprotocol,
                ConnectionListener listener,
                ConnectionSettings settings);
    }

    private final VirtualTime time;
    private final Door door;
    private final @Nullable String subprotocol;
    private final ConnectionSettings settings;

    MemoryTransport(VirtualTime time, Door door) {
        this(time, door, null, ConnectionSettings.of(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private MemoryTransport(VirtualTime time, Door door, @Nullable String subprotocol, ConnectionSettings settings) {
        this.time = time;
        this.door = door;
        this.subprotocol = subprotocol;
        this.settings = settings;
    }

    @Override
    public Transport with(@Nullable String offered, ConnectionSettings ofClient) {
        return new MemoryTransport(time, door, offered, ofClient);
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        MemoryConnection connection = door.attempt(request, subprotocol, listener, settings);
        long limit = settings.connectTimeoutNanos();
        if (limit < Long.MAX_VALUE) {
            time.add(
                    () -> {
                        if (connection.isOpening()) {
                            connection.fail(TransportException.of(Phase.TCP, "no answer to the TCP connect", null));
                        }
                    },
                    limit);
        }
        return connection;
    }
}

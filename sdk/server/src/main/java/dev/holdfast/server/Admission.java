package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** The server's answer to a request for a connection, see {@link HoldfastServer#admit}. */
public sealed interface Admission {
    /**
     * The request is refused. A container that has completed the upgrade before it could ask closes the connection
     * instead, with {@code closeCode}.
     *
     * @param status the HTTP status: 400, 401, 403 or 503. With 401, the answer must have the header
     *     {@code WWW-Authenticate: Bearer}
     * @param closeCode the close code that says the same
     * @param reason the reason, for people
     */
    record Refused(int status, int closeCode, String reason) implements Admission {}

    /** The client may connect. */
    final class Granted implements Admission {
        private final ServerContext context;
        private final @Nullable JsonNode bearer;
        private final long number;

        Granted(ServerContext context, @Nullable JsonNode bearer) {
            this.context = context;
            this.bearer = bearer;
            this.number = context.store.upgrades.incrementAndGet();
        }

        /**
         * Opens the connection, after the upgrade. To be called once. The transport must be able to send from now on;
         * the first {@link Transport#demand} is called before this method returns.
         *
         * @param transport what carries the messages
         * @return the connection, to pass it what the client sends
         */
        public ServerConnection open(Transport transport) {
            ServerConnection connection = prepare(transport);
            connection.start();
            return connection;
        }

        ServerConnection prepare(Transport transport) {
            return new ServerConnection(context, number, transport, bearer);
        }
    }
}

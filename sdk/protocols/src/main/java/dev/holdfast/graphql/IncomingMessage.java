package dev.holdfast.graphql;

import dev.holdfast.PayloadCodec;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A message of the server, parsed and checked as the protocol demands. Immutable. */
final class IncomingMessage {
    enum Type {
        CONNECTION_ACK,
        PING,
        PONG,
        NEXT,
        ERROR,
        COMPLETE
    }

    final Type type;
    /** The id of the operation; empty if the message belongs to none. */
    final String id;
    /** The JSON of the payload of an ack, a ping or a pong; null for none. */
    final @Nullable String payload;
    /** The result that a {@code next} brings, null in other messages. */
    final @Nullable Result result;
    /** The errors of an {@code error}, empty in other messages. */
    final List<GraphQlError> errors;

    private IncomingMessage(
            Type type, String id, @Nullable String payload, @Nullable Result result, List<GraphQlError> errors) {
        this.type = type;
        this.id = id;
        this.payload = payload;
        this.result = result;
        this.errors = errors;
    }

    static IncomingMessage parse(String text, Supplier<PayloadCodec> codec) throws BadMessageException {
        Map<String, String> members = Json.members(text);
        String payload = members.get("payload");
        String type = Json.string(members.get("type"));
        if (type == null) throw new BadMessageException("message without a type");
        switch (type) {
            case "connection_ack":
                return ofConnection(Type.CONNECTION_ACK, payload);
            case "ping":
                return ofConnection(Type.PING, payload);
            case "pong":
                return ofConnection(Type.PONG, payload);
            case "next":
                if (payload == null || !Json.isObject(payload)) {
                    throw new BadMessageException("next without an object as its payload");
                }
                return new IncomingMessage(
                        Type.NEXT, id(members), null, Result.parse(payload, codec), Collections.emptyList());
            case "error":
                if (payload == null) throw new BadMessageException("error without a payload");
                List<GraphQlError> errors = Result.errors(payload);
                if (errors.isEmpty()) throw new BadMessageException("error without an error in its payload");
                return new IncomingMessage(Type.ERROR, id(members), null, null, errors);
            case "complete":
                return new IncomingMessage(Type.COMPLETE, id(members), null, null, Collections.emptyList());
            default:
                throw new BadMessageException("message of an unknown type");
        }
    }

    private static IncomingMessage ofConnection(Type type, @Nullable String payload) throws BadMessageException {
        boolean none = Json.isNull(payload);
        if (!none && !Json.isObject(payload)) throw new BadMessageException("payload is not an object");
        return new IncomingMessage(type, "", none ? null : payload, null, Collections.emptyList());
    }

    private static String id(Map<String, String> members) throws BadMessageException {
        String id = Json.string(members.get("id"));
        if (id == null || id.isEmpty()) throw new BadMessageException("message of an operation without an id");
        return id;
    }
}

package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;

/** The payload of a client's message: any JSON value, or bytes. */
public sealed interface Payload {
    /** The {@code d} of a {@code msg} envelope. */
    record Json(JsonNode value) implements Payload {}

    /** The payload of a binary message. The receiver owns the array. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes) implements Payload {}
}

package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.EncodedPayload;
import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IncomingMessageTest {
    private static IncomingMessage one(String text) throws BadMessageException {
        List<IncomingMessage> all = IncomingMessage.parse(text);
        assertEquals(1, all.size());
        return all.get(0);
    }

    @Test
    void readsRequestsNotificationsAndResponses() throws Exception {
        IncomingMessage request = one("{\"id\":null,\"method\":\"m\",\"params\":{\"a\":[ ]}}");
        assertEquals("null", request.requestId);
        assertEquals("{\"a\":[ ]}", request.params);
        assertNull(one("{\"method\":\"m\"}").requestId);
        assertFalse(request.isResponse());
        IncomingMessage response = one("{\"id\":12,\"result\":null}");
        assertTrue(response.isResponse());
        assertEquals(12, response.id);
        assertEquals("null", response.result);
        IncomingMessage error = one("{\"error\":{\"code\":-1}}");
        assertEquals(IncomingMessage.NO_ID, error.id);
        assertEquals(-1, error.errorCode);
        assertEquals("", error.errorMessage);
        assertEquals(
                2,
                IncomingMessage.parse("[{\"method\":\"a\"},{\"method\":\"b\"}]").size());
    }

    @Test
    void keepsNumbersAsTheyCame() throws Exception {
        assertEquals(
                "[1.10, 1e400, 12345678901234567890.5]",
                one("{\"id\":1,\"result\":[1.10, 1e400, 12345678901234567890.5]}").result);
    }

    @Test
    void refusesLongIds() {
        assertThrows(BadMessageException.class, () -> one("{\"method\":\"m\",\"id\":\"" + "x".repeat(2_000) + "\"}"));
        assertThrows(BadMessageException.class, () -> one("{\"method\":\"m\",\"id\":true}"));
    }

    @Test
    void nestingHasAMaximum() throws Exception {
        String deep = "[".repeat(499) + "]".repeat(499);
        assertEquals(deep, one("{\"id\":1,\"result\":" + deep + "}").result);
        assertThrows(BadMessageException.class, () -> one("{\"id\":1,\"result\":[[" + deep + "]]}"));
    }

    @Test
    void writesValues() {
        assertEquals(
                "[null,\"\u00fc\\\"\",1,{\"a\":[1.5,true]},{\"x\":1}]",
                Json.of(
                        Arrays.asList(
                                null,
                                "\u00fc\"",
                                1L,
                                Map.of("a", new Object[] {1.5, true}),
                                new JsonValue("{\"x\":1}", JacksonCodec::lenient)),
                        JacksonCodec::lenient,
                        JsonValue::write));
        assertEquals("\"AQI=\"", Json.of(new byte[] {1, 2}, JacksonCodec::lenient));
        assertThrows(PayloadException.class, () -> Json.of(new Object(), () -> new BytesCodec()));
    }

    private static final class BytesCodec implements dev.holdfast.PayloadCodec {
        @Override
        public EncodedPayload encode(Object object) {
            return EncodedPayload.binary(okio.ByteString.EMPTY);
        }

        @Override
        public Object decode(EncodedPayload payload, java.lang.reflect.Type type) {
            throw new AssertionError();
        }
    }
}

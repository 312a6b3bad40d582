package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.internal.protocols.BadMessageException;
import java.util.List;

/** Whatever a server sends, the parser gives messages or the one exception that names a fault. */
class MessageFuzzTest {
    @FuzzTest
    void messages(FuzzedDataProvider data) {
        List<IncomingMessage> messages;
        try {
            messages = IncomingMessage.parse(data.consumeRemainingAsString());
        } catch (BadMessageException e) {
            assertFalse(e.getMessage().isEmpty());
            return;
        }
        assertFalse(messages.isEmpty());
        for (IncomingMessage message : messages) {
            assertTrue(message.id >= IncomingMessage.NO_ID);
            if (message.isResponse()) assertEquals("null", message.params);
            String json = message.result == null ? message.params : message.result;
            JsonValue value = new JsonValue(json, JacksonCodec::lenient);
            assertFalse(value.text() == null);
            try {
                value.read(Object.class);
                value.member("a");
            } catch (PayloadException e) {
                assertFalse(e.getMessage().isEmpty());
            }
        }
    }
}

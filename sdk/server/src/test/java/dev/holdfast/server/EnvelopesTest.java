package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.api.Test;

class EnvelopesTest {
    private static String sent(StreamMessage message) {
        return ((Frame.Text) Envelopes.message(new MessageLog.Entry("e1-1", message))).text();
    }

    @Test
    void whatIsNoCharacterIsSentEscaped() {
        String odd = "a\ud800b\ude00\ud83d\ude00\udc00\ud800";
        String escaped = "a\\ud800b\\ude00\ud83d\ude00\\udc00\\ud800";
        String message = "{\"t\":\"msg\",\"id\":\"e1-1\",\"d\":\"" + escaped + "\"}";
        assertEquals(message, sent(StreamMessage.json(TextNode.valueOf(odd))));
        assertEquals(message, sent(new StreamMessage.Json("\"" + odd + "\"")));
        assertEquals(
                "{\"t\":\"reject\",\"id\":\"e1-1\",\"c\":1,\"code\":\"x\",\"message\":\"" + escaped + "\"}",
                sent(new StreamMessage.Rejection(1, "x", odd)));
        assertEquals("{\"t\":\"error\",\"code\":\"x\",\"message\":\"" + escaped + "\"}", Envelopes.error("x", odd));
    }
}

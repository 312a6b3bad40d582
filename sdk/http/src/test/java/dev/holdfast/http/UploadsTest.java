package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import okio.ByteString;
import okio.Utf8;
import org.junit.jupiter.api.Test;

/** What one request holds. */
class UploadsTest {
    /** A message of a third as many characters as bytes. */
    private static final String CHINESE = "{\"t\":\"msg\",\"p\":\"" + "\u4e2d".repeat(110_000) + "\"}";

    private static final String SMALL = "{\"t\":\"msg\",\"p\":1}";

    private final Uploads uploads = new Uploads();

    private void text(String text) {
        assertTrue(uploads.text(text, Utf8.size(text)));
    }

    @Test
    void theLimitCountsBytesAndNotCharacters() {
        text(SMALL);
        text(CHINESE);
        Uploads.Batch refused = uploads.take(Uploads.MAX_BYTES * 2);
        assertEquals(2, refused.messages);
        text(SMALL);
        text(CHINESE);
        long half = refused.body.size() / 2;
        assertEquals(1, uploads.take(half).messages);
        assertEquals(1, uploads.take(half).messages);
        assertTrue(uploads.isEmpty());
    }

    @Test
    void aRequestWithSeveralMessagesIsNeverLongerThanTheLimit() {
        long limit = 3L * SMALL.length() + 4;
        for (int i = 0; i < 4; i++) text(SMALL);
        Uploads.Batch full = uploads.take(limit);
        assertEquals(3, full.messages);
        assertEquals(limit, full.body.size());
        text(SMALL);
        text(SMALL);
        assertEquals(2, uploads.take(limit - 1).messages);
        assertTrue(uploads.binary(ByteString.of(new byte[30])));
        assertEquals(1, uploads.take(limit).messages);
        assertEquals(
                "[\"" + ByteString.of(new byte[30]).base64() + "\"]",
                uploads.take(limit).body.readUtf8());
    }

    @Test
    void theReasonOfACloseIsCountedInBytes() {
        String reason = "\u4e2d".repeat(40);
        text(SMALL);
        assertTrue(uploads.close(CloseStatus.of(1000, reason)));
        int close = "{'close':1000,'reason':''}".length() + 3 * 40;
        assertEquals(1, uploads.take(SMALL.length() + 3 + close - 1).messages);
        Uploads.Batch last = uploads.take(Uploads.MAX_BYTES);
        assertTrue(last.closes);
        assertEquals(close + 2, last.body.size());
    }
}

package dev.holdfast.stomp;

import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The body of a message to send: text, or bytes. Immutable. */
final class Body {
    /** A SEND frame: text, or bytes. Immutable. */
    static final class Send {
        final @Nullable String text;
        private final ByteString binary;

        Send(@Nullable String text, ByteString binary) {
            this.text = text;
            this.binary = binary;
        }

        ByteString bytes() {
            return text == null ? binary : ByteString.encodeUtf8(text);
        }
    }

    private final @Nullable String text;
    private final ByteString bytes;
    private final @Nullable String contentType;

    private Body(@Nullable String text, ByteString bytes, @Nullable String contentType) {
        this.text = text;
        this.bytes = bytes;
        this.contentType = contentType;
    }

    static Body of(@Nullable Object body, Supplier<PayloadCodec> codec) {
        if (body == null) return new Body("", ByteString.EMPTY, null);
        if (body instanceof CharSequence) return text(body.toString(), null);
        if (body instanceof ByteString) return bytes((ByteString) body, null);
        if (body instanceof byte[]) return bytes(ByteString.of((byte[]) body), null);
        // The caller's position stays.
        if (body instanceof ByteBuffer) return bytes(ByteString.of(((ByteBuffer) body).duplicate()), null);
        EncodedPayload encoded = codec.get().encode(body);
        switch (encoded.kind()) {
            case BINARY:
                return bytes(encoded.bytes(), null);
            case JSON:
                return text(encoded.text(), "application/json");
            default:
                return text(encoded.text(), null);
        }
    }

    /** Returns the text, null if the body is bytes. */
    @Nullable
    String text() {
        return text;
    }

    /** Returns the content type that it has by itself, null for none. */
    @Nullable
    String contentType() {
        return contentType;
    }

    private static Body text(String text, @Nullable String contentType) {
        // Without a content-length, NUL ends the body.
        return text.indexOf(Frame.NUL) < 0
                ? new Body(text, ByteString.EMPTY, contentType)
                : bytes(ByteString.encodeUtf8(text), contentType);
    }

    private static Body bytes(ByteString bytes, @Nullable String contentType) {
        return new Body(null, bytes, contentType);
    }

    /**
     * Returns a SEND frame. Text has no content-length: ActiveMQ takes a message with one for bytes.
     *
     * @param headers the application's
     * @param own the client's
     */
    Send send(String destination, Map<String, String> headers, Map<String, String> own) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("destination", destination);
        if (contentType != null) all.put("content-type", contentType);
        all.putAll(headers);
        all.putAll(own);
        if (text != null) return new Send(Frame.text("SEND", all, text), ByteString.EMPTY);
        all.put("content-length", Integer.toString(bytes.size()));
        return new Send(null, Frame.binary("SEND", all, bytes));
    }
}

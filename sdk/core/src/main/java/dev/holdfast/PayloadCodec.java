package dev.holdfast;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * A codec that writes objects as message payloads and reads them back. {@link JacksonCodec} uses JSON or CBOR, and {@link
 * BinaryEnvelopes} a type byte before the payload. An application can implement one with another library.
 *
 * <p>Text, {@link okio.ByteString}, {@code byte[]}, {@link java.nio.ByteBuffer}, {@link okio.Buffer} and {@link Message} never
 * reach the codec: they go out as they are.
 *
 * <p>Called on the application's threads, several at a time, and on its callback executor: it must be safe from any thread.
 * Its exceptions reach the caller of {@code send} or {@code read}.
 */
public interface PayloadCodec {
    /**
     * Writes an object.
     *
     * @param object the object to send, not null
     * @return the text or bytes to send
     * @throws PayloadException if it cannot be written
     */
    EncodedPayload encode(Object object);

    /**
     * Reads an object.
     *
     * @param payload the message's content. A JSON value of a resumable session comes as {@link EncodedPayload.Kind#JSON}, all
     *     other text as {@link EncodedPayload.Kind#TEXT}
     * @param type the type to read, a {@link Class} or a generic type ({@link TypeRef})
     * @return an object of that type; null if the payload stands for null, which {@link Message#read(Class)} reports as a
     *     {@link PayloadException}
     * @throws PayloadException if the payload cannot be read as that type
     * @throws IllegalStateException if the codec reads text and the message is binary, or the other way round
     */
    @Nullable
    Object decode(EncodedPayload payload, Type type);

    /**
     * Returns the string or number at one place in a payload, as text, without reading all of the payload into an object.
     * {@link TypedMessages} finds the type of a message with it. Default: throws {@link UnsupportedOperationException}.
     *
     * @param payload the message's content
     * @param pointer a JSON pointer (RFC 6901), such as {@code /type}
     * @return null if there is neither a string nor a number at that place, or if the codec reads text and the payload is binary,
     *     or the other way round
     * @throws PayloadException if the payload cannot be read
     */
    default @Nullable String textAt(EncodedPayload payload, String pointer) {
        throw new UnsupportedOperationException(getClass().getName() + " cannot look up " + pointer
                + ": TypedMessages needs a codec that implements textAt");
    }
}

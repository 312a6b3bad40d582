package dev.holdfast;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.JsonPointerBasedFilter;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A codec that writes and reads objects with Jackson: as JSON in text messages, or in a binary format such as CBOR (RFC 8949)
 * in binary messages. Safe from any thread.
 *
 * <p>It is the only class of the SDK whose public methods mention Jackson. An application that sends and receives text and
 * bytes alone, without {@link Session#resumable}, runs without Jackson on its class path.
 */
public final class JacksonCodec implements PayloadCodec {
    private final ObjectMapper mapper;
    private final boolean isBinary;

    private JacksonCodec(ObjectMapper mapper, boolean isBinary) {
        this.mapper = mapper;
        this.isBinary = isBinary;
    }

    /** Created on first use, one for all clients: a mapper caches what it learns about types. Nobody else gets hold of it. */
    private static final class Lenient {
        static final JacksonCodec JSON = new JacksonCodec(
                JsonMapper.builder()
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .build(),
                false);
    }

    /** Created on first use, because the CBOR module is an optional dependency. */
    private static final class Cbor {
        static final JacksonCodec CBOR = new JacksonCodec(
                CBORMapper.builder()
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .build(),
                true);
    }

    /**
     * {@return a codec for JSON that ignores unknown properties, so that a server can add properties to its messages}
     * This is the default of {@link HoldfastClientBuilder#payloadCodec}.
     */
    public static JacksonCodec lenient() {
        return Lenient.JSON;
    }

    /**
     * {@return a codec that writes and reads JSON with the application's mapper}
     *
     * @param mapper a mapper for JSON. It must not be configured any more
     */
    public static JacksonCodec of(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"), false);
    }

    /**
     * {@return a codec for CBOR that ignores unknown properties} It needs {@code
     * com.fasterxml.jackson.dataformat:jackson-dataformat-cbor}, which the SDK does not bring along.
     *
     * @throws IllegalStateException if that module is not on the class path
     */
    public static JacksonCodec cbor() {
        try {
            return Cbor.CBOR;
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "CBOR needs com.fasterxml.jackson.dataformat:jackson-dataformat-cbor on the class path", e);
        }
    }

    /**
     * {@return a codec that writes and reads binary messages with the application's mapper}
     *
     * @param mapper a mapper for any format; one for JSON writes UTF-8 bytes. It must not be configured any more
     */
    public static JacksonCodec ofBinary(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"), true);
    }

    @Override
    public EncodedPayload encode(Object object) {
        Objects.requireNonNull(object, "object");
        try {
            return isBinary
                    ? EncodedPayload.binary(ByteString.of(mapper.writeValueAsBytes(object)))
                    : EncodedPayload.json(mapper.writeValueAsString(object));
        } catch (JsonProcessingException e) {
            throw new PayloadException(
                    object.getClass().getSimpleName() + " cannot be written as " + format() + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    @Override
    public @Nullable Object decode(EncodedPayload payload, Type type) {
        Objects.requireNonNull(payload, "payload");
        JavaType javaType = mapper.constructType(Objects.requireNonNull(type, "type"));
        try {
            return isBinary
                    ? mapper.readValue(payload.bytes().toByteArray(), javaType)
                    : mapper.readValue(payload.text(), javaType);
        } catch (JsonProcessingException e) {
            throw new PayloadException("message is not a " + TypeRef.name(type) + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new PayloadException("message is not a " + TypeRef.name(type), e);
        }
    }

    @Override
    public @Nullable String textAt(EncodedPayload payload, String pointer) {
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(pointer, "pointer");
        if ((payload.kind() == EncodedPayload.Kind.BINARY) != isBinary) return null;
        TokenFilter filter = new JsonPointerBasedFilter(JsonPointer.compile(pointer));
        try (JsonParser all = parser(payload);
                JsonParser found =
                        new FilteringParserDelegate(all, filter, TokenFilter.Inclusion.ONLY_INCLUDE_ALL, false)) {
            JsonToken token = found.nextToken();
            return token == JsonToken.VALUE_STRING || (token != null && token.isNumeric()) ? found.getText() : null;
        } catch (IOException e) {
            throw new PayloadException("message is not " + format(), e);
        }
    }

    private JsonParser parser(EncodedPayload payload) throws IOException {
        return isBinary ? mapper.createParser(payload.bytes().toByteArray()) : mapper.createParser(payload.text());
    }

    private String format() {
        return mapper.getFactory().getFormatName();
    }
}

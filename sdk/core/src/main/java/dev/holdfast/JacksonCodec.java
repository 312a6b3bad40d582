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
import dev.holdfast.MessageTypes.RefusedException;
import dev.holdfast.internal.CheckReturnValue;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A codec that writes and reads objects with Jackson 2.12 or later: as JSON in text messages, or in a binary format such as
 * CBOR (RFC 8949) in binary messages. Safe from any thread.
 *
 * <p>It is the only class of the SDK whose public methods mention Jackson. An application that sends and receives text and
 * bytes alone, without {@link Session#resumable}, runs without Jackson on its class path.
 *
 * <p>The codec checks each type once, when it first meets an object of it or is asked for one, nested objects included. It
 * refuses a type with an {@link IllegalArgumentException}, so that nothing is sent that nobody wanted to send:
 *
 * <ul>
 *   <li>Types that are no messages and that Jackson would write as an empty shell or by their internals: streams, readers,
 *       files, futures, exceptions, the trees of other JSON libraries, types of the JDK, of Android, of OkHttp, of Okio and of
 *       this SDK. A type for which the mapper has a serializer is not refused: numbers, times, enums, collections, maps,
 *       Jackson's own tree, and what a module adds.
 *   <li>On Android, and wherever a shrinker has been at work, classes of the application without {@link HoldfastMessage} and
 *       without an annotation of Jackson's, because the shrinker renames their members. {@link #withUnannotatedMessages} turns
 *       this off.
 * </ul>
 *
 * <p>{@code docs/json.md} describes the rules for shrinkers, records and other libraries.
 */
public final class JacksonCodec implements PayloadCodec {
    /** As the application configured it; not checked. */
    private final ObjectMapper given;
    /** The same, with the check. */
    private final ObjectMapper mapper;

    private final boolean isBinary;

    private JacksonCodec(ObjectMapper given, boolean isBinary, MemberNames names) {
        this.given = given;
        this.mapper = MessageTypes.checked(given, names);
        this.isBinary = isBinary;
    }

    /** Created on first use, one for all clients: a mapper caches what it learns about types. Nobody else gets hold of it. */
    private static final class Lenient {
        static final JacksonCodec JSON = new JacksonCodec(
                JsonMapper.builder()
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .build(),
                false,
                MemberNames.here());
    }

    /** Created on first use, because the CBOR module is an optional dependency. */
    private static final class Cbor {
        static final JacksonCodec CBOR = new JacksonCodec(
                CBORMapper.builder()
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .build(),
                true,
                MemberNames.here());
    }

    /**
     * {@return a codec for JSON that ignores unknown properties, so that a server can add properties to its messages}
     * This is the default of {@link HoldfastClientBuilder#payloadCodec}.
     */
    public static JacksonCodec lenient() {
        return Lenient.JSON;
    }

    /**
     * {@return a codec that writes and reads JSON with a copy of the application's mapper}
     *
     * @param mapper a mapper for JSON. Changes after this call have no effect
     * @throws IllegalArgumentException if the mapper is of a class of the application's that does not override {@code copy()}
     */
    public static JacksonCodec of(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"), false, MemberNames.here());
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
     * {@return a codec that writes and reads binary messages with a copy of the application's mapper}
     *
     * @param mapper a mapper for any format; one for JSON writes UTF-8 bytes. Changes after this call have no effect
     * @throws IllegalArgumentException if the mapper is of a class of the application's that does not override {@code copy()}
     */
    public static JacksonCodec ofBinary(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"), true, MemberNames.here());
    }

    /**
     * {@return a codec that also writes and reads classes of the application that have no annotation, on Android and after a
     * shrinker} It is meant for applications whose own rules keep the names of these classes' members. Without such rules
     * messages carry names that a shrinker made up.
     */
    @CheckReturnValue
    public JacksonCodec withUnannotatedMessages() {
        return withNames(MemberNames.FROM_SOURCE);
    }

    /** Returns a codec that takes the names of members for these. */
    JacksonCodec withNames(MemberNames names) {
        return new JacksonCodec(given, isBinary, names);
    }

    /**
     * Writes an object.
     *
     * @throws PayloadException if Jackson cannot write it
     * @throws IllegalArgumentException if its type, or that of an object in it, is refused
     */
    @Override
    public EncodedPayload encode(Object object) {
        NotMessages.refuseAsMessage(Objects.requireNonNull(object, "object").getClass());
        try {
            return isBinary
                    ? EncodedPayload.binary(ByteString.of(mapper.writeValueAsBytes(object)))
                    : EncodedPayload.json(mapper.writeValueAsString(object));
        } catch (RefusedException e) {
            throw e.refusal();
        } catch (JsonProcessingException e) {
            RefusedException.rethrow(e);
            throw new PayloadException(
                    object.getClass().getSimpleName() + " cannot be written as " + format() + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /**
     * Reads an object.
     *
     * @throws PayloadException if Jackson cannot read the payload as that type
     * @throws IllegalArgumentException if the type, or one in it, is refused
     */
    @Override
    public @Nullable Object decode(EncodedPayload payload, Type type) {
        Objects.requireNonNull(payload, "payload");
        JavaType javaType = mapper.constructType(Objects.requireNonNull(type, "type"));
        NotMessages.refuseAsMessage(javaType.getRawClass());
        try {
            return isBinary
                    ? mapper.readValue(payload.bytes().toByteArray(), javaType)
                    : mapper.readValue(payload.text(), javaType);
        } catch (RefusedException e) {
            throw e.refusal();
        } catch (JsonProcessingException e) {
            RefusedException.rethrow(e);
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

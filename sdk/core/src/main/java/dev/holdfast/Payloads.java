package dev.holdfast;

import dev.holdfast.internal.protocol.AdaptedProtocol;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.protocol.Outgoing;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.Objects;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Turns what an application sends into payloads, and payloads into what it reads. Loads Jackson on the first use of an
 * object, so that an application without objects needs none. Safe from any thread.
 */
final class Payloads {
    private static final String HEX = "0123456789abcdef";
    private static final int FIRST_PRINTABLE = 0x20;

    private final @Nullable PayloadCodec configured;

    /** The protocol that encodes what is sent, null for none. Set before the client is used. */
    private @Nullable AdaptedProtocol protocol;

    /** @param configured null for the default codec */
    Payloads(@Nullable PayloadCodec configured) {
        this.configured = configured;
    }

    private PayloadCodec codec() {
        if (configured != null) return configured;
        try {
            return JacksonCodec.lenient();
        } catch (ExceptionInInitializerError e) {
            throw new IllegalStateException(
                    "Jackson does not start: a shrinker must apply the rules in the SDK's jar, see docs/json.md", e);
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "objects need com.fasterxml.jackson.core:jackson-databind on the class path, 2.12 or later, or another"
                            + " payloadCodec",
                    e);
        }
    }

    /** Sets the protocol that encodes what is sent. Returns it. */
    AdaptedProtocol encodedBy(AdaptedProtocol own) {
        protocol = own;
        return own;
    }

    /** Returns what goes out for a text, or for bytes. */
    Payload outgoing(Payload payload) {
        AdaptedProtocol own = protocol;
        return own == null || payload.kind() == Payload.Kind.PACKET ? payload : own.outgoing(encoded(payload));
    }

    /** Returns what the application gave for a message that went out. */
    static Payload sent(Payload payload) {
        Payload original = payload.original();
        return original == null ? payload : original;
    }

    private Payload outgoing(Outgoing message) {
        AdaptedProtocol own = protocol;
        if (own == null) throw new IllegalArgumentException("an Outgoing needs a session of its protocol: Session.of");
        return own.outgoing(message);
    }

    /**
     * Returns what goes out: text, bytes and messages as they are, everything else as the codec writes it.
     *
     * @throws PayloadException if the codec cannot write it
     * @throws IllegalArgumentException if the codec refuses its type
     */
    Payload payload(Object message) {
        Objects.requireNonNull(message, "message");
        return message instanceof Outgoing ? outgoing((Outgoing) message) : outgoing(content(message));
    }

    private Payload content(Object message) {
        if (message instanceof Message) return ((Message) message).payload();
        // From one of the SDK's own protocols.
        if (message instanceof Payload) return (Payload) message;
        if (message instanceof CharSequence) return Payload.text(message.toString());
        if (message instanceof ByteString) return Payload.binary((ByteString) message);
        if (message instanceof byte[]) return Payload.binary(ByteString.of((byte[]) message));
        // Neither is read from: the caller's position stays.
        if (message instanceof ByteBuffer) return Payload.binary(ByteString.of(((ByteBuffer) message).duplicate()));
        if (message instanceof Buffer) return Payload.binary(((Buffer) message).snapshot());
        return payload(codec().encode(message));
    }

    private static Payload payload(EncodedPayload encoded) {
        switch (encoded.kind()) {
            case JSON:
                return Payload.json(encoded.text());
            case BINARY:
                return Payload.binary(encoded.bytes());
            default:
                return Payload.text(encoded.text());
        }
    }

    /**
     * Reads an object.
     *
     * @throws PayloadException if the codec cannot read it, or it is null
     */
    Object read(Payload payload, Type type) {
        if (type == Payload.class) return payload;
        Object value = codec().decode(encoded(payload), type);
        if (value == null) throw new PayloadException("message is null, not a " + TypeRef.name(type), null);
        return value;
    }

    /** Returns the string or number at a JSON pointer, null if there is none. */
    @Nullable
    String textAt(Payload payload, String pointer) {
        return codec().textAt(encoded(payload), pointer);
    }

    private static EncodedPayload encoded(Payload payload) {
        switch (payload.kind()) {
            case BINARY:
                return EncodedPayload.binary(payload.bytes());
            case JSON:
                return EncodedPayload.json(payload.text());
            case JSON_STRING:
                return EncodedPayload.json(quoted(payload.text()));
            default:
                return EncodedPayload.text(payload.text());
        }
    }

    /** Returns a JSON string that says {@code text}. */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < FIRST_PRINTABLE) {
                json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            } else {
                if (c == '"' || c == '\\') json.append('\\');
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.internal.session.Payload;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** The output and input of the codecs. */
class PayloadCodecTest {
    record Line(String from, String text) {}

    record Picture(int width, List<Integer> pixels) {}

    private static final Line LINE = new Line("ada", "hi");

    private final Payloads json = new Payloads(null);

    private static Message message(Payload payload, Payloads payloads) {
        return new Message(null, payload, payloads);
    }

    // ---- Jackson ----

    @Test
    void readsGenericTypes() {
        Message message = message(Payload.text("[{\"from\":\"ada\",\"text\":\"hi\"}]"), json);
        List<Line> lines = message.read(new TypeRef<List<Line>>() {});
        assertEquals(List.of(LINE), lines);
        assertEquals(
                Map.of("a", List.of(1)),
                message(Payload.json("{\"a\":[1]}"), json).read(new TypeRef<Map<String, List<Integer>>>() {}));
    }

    @Test
    void aTypeRefSaysItsType() {
        assertEquals(new TypeRef<List<String>>() {}, new TypeRef<List<String>>() {});
        assertEquals("java.util.List<java.lang.String>", new TypeRef<List<String>>() {}.toString());
        assertEquals(Line.class, new TypeRef<Line>() {}.type());
        @SuppressWarnings("rawtypes")
        class Raw extends TypeRef {}
        assertThrows(IllegalStateException.class, Raw::new);
    }

    @Test
    void readsPrimitivesAndStrings() {
        assertEquals(17, message(Payload.text("17"), json).read(int.class));
        // A JSON string of a resumable session is not parsed a second time.
        String text = "\"quoted\" \\ \n \u0001 \ud83d\ude00";
        assertEquals(text, message(Payload.jsonString(text), json).read(String.class));
        assertEquals("17", message(Payload.jsonString("17"), json).read(String.class));
    }

    @Test
    void nullIsNotAnObject() {
        Message message = message(Payload.text("null"), json);
        PayloadException thrown = assertThrows(PayloadException.class, () -> message.read(Line.class));
        assertEquals("message is null, not a Line", thrown.getMessage());
    }

    @Test
    void theApplicationsMapperDecides() {
        ObjectMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        Payloads payloads = new Payloads(JacksonCodec.of(mapper));
        Payload payload = payloads.payload(LINE);
        assertEquals(Payload.Kind.JSON, payload.kind());
        assertEquals("{\"From\":\"ada\",\"Text\":\"hi\"}", payload.text());
        assertEquals(LINE, message(payload, payloads).read(Line.class));
        // It was not told to be lenient.
        Message more = message(Payload.text("{\"From\":\"ada\",\"Text\":\"hi\",\"More\":1}"), payloads);
        assertThrows(PayloadException.class, () -> more.read(Line.class));
    }

    @Test
    void cborIsBinary() {
        Payloads payloads = new Payloads(JacksonCodec.cbor());
        Payload payload = payloads.payload(LINE);
        assertEquals("bf6466726f6d636164616474657874626869ff", payload.bytes().hex());
        assertEquals(LINE, message(payload, payloads).read(Line.class));
        assertEquals("ada", message(payload, payloads).textAt("/from"));
        Message text = message(Payload.text("{}"), payloads);
        assertThrows(IllegalStateException.class, () -> text.read(Line.class));
        Message broken = message(Payload.binary(ByteString.decodeHex("bf6466")), payloads);
        assertThrows(PayloadException.class, () -> broken.read(Line.class));
        assertThrows(PayloadException.class, () -> broken.textAt("/from"));
    }

    @Test
    void textsAndBytesPassTheCodecBy() {
        Payloads payloads = new Payloads(JacksonCodec.cbor());
        assertEquals("text", payloads.payload("text").text());
        assertEquals(ByteString.of((byte) 1), payloads.payload(new byte[] {1}).bytes());
        Payload payload = Payload.json("{}");
        assertSame(payload, payloads.payload(message(payload, json)));
    }

    @Test
    void looksUpAStringOrANumber() {
        Payload payload = Payload.text("{\"a\":{\"type\":\"chat\"},\"n\":17,\"o\":{},\"e\":\"\"}");
        assertEquals("chat", message(payload, json).textAt("/a/type"));
        assertEquals("17", message(payload, json).textAt("/n"));
        assertEquals("", message(payload, json).textAt("/e"));
        assertNull(message(payload, json).textAt("/o"));
        assertNull(message(payload, json).textAt("/missing"));
        assertThrows(
                PayloadException.class,
                () -> message(Payload.text("{\"a\""), json).textAt("/b"));
    }

    // ---- another library ----

    /** Upper case as a format. */
    private static final class Shouting implements PayloadCodec {
        @Override
        public EncodedPayload encode(Object object) {
            return EncodedPayload.text(object.toString().toUpperCase(Locale.ROOT));
        }

        @Override
        public Object decode(EncodedPayload payload, Type type) {
            return payload.kind() + " " + payload.text();
        }
    }

    @Test
    void anotherLibraryCanBePluggedIn() {
        Payloads payloads = new Payloads(new Shouting());
        assertEquals(Payload.Kind.TEXT, payloads.payload(17.5e300).kind());
        assertEquals("1.75E301", payloads.payload(17.5e300).text());
        assertEquals("JSON \"a\"", message(Payload.jsonString("a"), payloads).read(String.class));
        assertEquals("JSON {}", message(Payload.json("{}"), payloads).read(String.class));
        assertEquals("TEXT a", message(Payload.text("a"), payloads).read(String.class));
        assertThrows(
                UnsupportedOperationException.class,
                () -> message(Payload.text("a"), payloads).textAt("/type"));
    }

    @Test
    void anEncodedPayloadHidesItsContent() {
        assertEquals("TEXT of 6 characters", EncodedPayload.text("secret").toString());
        assertEquals(
                "BINARY of 1 bytes",
                EncodedPayload.binary(ByteString.of((byte) 1)).toString());
        assertThrows(IllegalStateException.class, () -> EncodedPayload.text("a").bytes());
        assertThrows(
                IllegalStateException.class,
                () -> EncodedPayload.binary(ByteString.EMPTY).text());
    }

    // ---- envelopes ----

    private final BinaryEnvelopes envelopes = BinaryEnvelopes.empty()
            .withType(1, Line.class, JacksonCodec.ofBinary(new ObjectMapper()))
            .withType(255, Picture.class, JacksonCodec.cbor());

    private final Payloads binary = new Payloads(envelopes);

    @Test
    void anEnvelopeIsATypeALengthAndAPayload() {
        Payload payload = binary.payload(LINE);
        ByteString json = ByteString.encodeUtf8("{\"from\":\"ada\",\"text\":\"hi\"}");
        assertEquals("01" + "0000001a" + json.hex(), payload.bytes().hex());
        assertEquals(LINE, message(payload, binary).read(Line.class));
        assertEquals(LINE, message(payload, binary).read(Object.class));

        Payload picture = binary.payload(new Picture(2, List.of(1, 2)));
        assertEquals((byte) 255, picture.bytes().getByte(0));
        assertEquals(2, ((Picture) message(picture, binary).read(Object.class)).width());
    }

    private String refusal(String hex) {
        Message message = message(Payload.binary(ByteString.decodeHex(hex)), binary);
        return assertThrows(PayloadException.class, () -> message.read(Line.class))
                .getMessage();
    }

    @Test
    void envelopesThatAreNone() {
        assertEquals("a binary envelope has at least 5 bytes, but the message has 4", refusal("01000000"));
        assertEquals("the binary envelope announces 2 payload bytes, but 1 follow", refusal("01" + "00000002" + "7b"));
        assertEquals(
                "the binary envelope announces 4294967295 payload bytes, but 1 follow",
                refusal("01" + "ffffffff" + "7b"));
        assertEquals("type byte 2 is not registered", refusal("02" + "00000001" + "7b"));
        assertEquals("message is not a Line: type byte 255 stands for Picture", refusal("ff" + "00000001" + "7b"));
        assertThrows(
                IllegalStateException.class,
                () -> message(Payload.text("text"), binary).read(Line.class));
    }

    @Test
    void anEnvelopesTypesAreRegisteredOnce() {
        PayloadCodec cbor = JacksonCodec.cbor();
        assertThrows(IllegalArgumentException.class, () -> envelopes.withType(256, String.class, cbor));
        assertThrows(IllegalArgumentException.class, () -> envelopes.withType(-1, String.class, cbor));
        assertThrows(IllegalArgumentException.class, () -> envelopes.withType(1, String.class, cbor));
        assertThrows(IllegalArgumentException.class, () -> envelopes.withType(2, Line.class, cbor));
        assertThrows(PayloadException.class, () -> binary.payload(17));
        Payloads text = new Payloads(BinaryEnvelopes.empty().withType(1, Line.class, JacksonCodec.lenient()));
        assertThrows(IllegalStateException.class, () -> text.payload(LINE));
        // A subclass goes out as what is registered.
        Payloads numbers = new Payloads(BinaryEnvelopes.empty().withType(7, Number.class, cbor));
        assertEquals(1, message(numbers.payload(1), numbers).read(Number.class));
    }
}

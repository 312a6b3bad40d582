package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.util.RawValue;
import com.google.gson.JsonPrimitive;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.holdfast.internal.session.Payload;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.ByteString;
import org.json.JSONObject;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The types sent as bytes, those sent as JSON, and those refused as no message or because their names may be lost. */
@Tag("slow")
class MessageTypesTest {
    private final Payloads payloads = new Payloads(null);

    private static Payloads judging(MemberNames names) {
        return new Payloads(JacksonCodec.lenient().withNames(names));
    }

    private static String refusal(Payloads payloads, Object message) {
        return assertThrows(IllegalArgumentException.class, () -> payloads.payload(message))
                .getMessage();
    }

    private static Object read(Payloads payloads, String json, Class<?> type) {
        return new Message(null, Payload.text(json), payloads).read(type);
    }

    private static String refusedReading(Payloads payloads, String json, Class<?> type) {
        return assertThrows(IllegalArgumentException.class, () -> read(payloads, json, type))
                .getMessage();
    }

    // ---- bytes ----

    @Test
    void theRemainingBytesOfAByteBufferAreBinary() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3);
        Payload payload = payloads.payload(buffer);
        assertEquals(Payload.Kind.BINARY, payload.kind());
        assertEquals("010203", payload.bytes().hex());
        assertEquals(1, buffer.position());
        assertEquals(
                "0102",
                payloads.payload(ByteBuffer.allocateDirect(2)
                                .put((byte) 1)
                                .put((byte) 2)
                                .flip())
                        .bytes()
                        .hex());
        assertEquals(
                "010203", payloads.payload(buffer.asReadOnlyBuffer()).bytes().hex());
    }

    @Test
    void theContentOfABufferIsBinary() {
        Buffer buffer = new Buffer().writeByte(1).writeByte(2);
        Payload payload = payloads.payload(buffer);
        assertEquals(Payload.Kind.BINARY, payload.kind());
        assertEquals("0102", payload.bytes().hex());
        assertEquals(2, buffer.size());
        buffer.writeByte(3);
        assertEquals("0102", payload.bytes().hex());
    }

    // ---- values ----

    enum Side {
        BUY
    }

    @Test
    void valuesCollectionsAndTreesAreJson() throws Exception {
        assertEquals("17", payloads.payload(17).text());
        assertEquals("true", payloads.payload(true).text());
        assertEquals("1.50", payloads.payload(new BigDecimal("1.50")).text());
        assertEquals("\"BUY\"", payloads.payload(Side.BUY).text());
        assertEquals("3", payloads.payload(new AtomicInteger(3)).text());
        assertEquals(
                "\"00000000-0000-0001-0000-000000000002\"",
                payloads.payload(new UUID(1, 2)).text());
        assertEquals("[1,2]", payloads.payload(new int[] {1, 2}).text());
        assertEquals(
                "[{\"a\":[1]}]",
                payloads.payload(List.of(Map.of("a", List.of(1)))).text());
        JsonNode tree = new ObjectMapper().readTree("{\"a\":1}");
        assertEquals("{\"a\":1}", payloads.payload(tree).text());
        assertEquals(tree, read(payloads, "{\"a\":1}", JsonNode.class));
        assertEquals("{\"a\":1}", payloads.payload(new RawValue("{\"a\":1}")).text());
        assertEquals(Side.BUY, read(payloads, "\"BUY\"", Side.class));
    }

    // ---- no messages ----

    static Stream<Object> notMessages() {
        return Stream.of(
                new ByteArrayInputStream(new byte[1]),
                new StringReader("text"),
                new File("a.txt"),
                Path.of("a.txt"),
                CompletableFuture.completedFuture("a"),
                Stream.of(1),
                List.of(1).iterator(),
                new IllegalStateException("no"),
                new Object(),
                new Thread("t"),
                String.class,
                RequestBody.create("a", null),
                Outcome.Kind.class,
                SendOptions.defaults(),
                Session.none(),
                HoldfastClient.builder("ws://localhost"),
                new BitSet(),
                (Runnable) () -> {},
                (TimeUnitOf) () -> TimeUnit.DAYS);
    }

    /** A lambda with a getter. */
    interface TimeUnitOf {
        TimeUnit getUnit();
    }

    @ParameterizedTest
    @MethodSource("notMessages")
    void whatIsNoMessageIsRefused(Object object) {
        String refusal = refusal(payloads, object);
        assertTrue(refusal.startsWith(object.getClass().getName() + " is not a message: "), refusal);
        assertFalse(refusal.endsWith(": "), refusal);
    }

    @Test
    void aMapperThatWritesEmptyShellsDoesNotWriteThese() {
        JacksonCodec codec = JacksonCodec.of(JsonMapper.builder()
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .build());
        Payloads shells = new Payloads(codec);
        assertTrue(refusal(shells, new Object()).startsWith("java.lang.Object is not a message"));
        assertTrue(refusal(new Payloads(codec.withUnannotatedMessages()), new Object())
                .startsWith("java.lang.Object"));
    }

    static final class Holder {
        public Object value;

        Holder(Object value) {
            this.value = value;
        }
    }

    @Test
    void theyAreRefusedInsideAnObjectToo() {
        String refusal = "java.util.concurrent.CompletableFuture is not a message: wait for its result, and send that";
        assertEquals(refusal, refusal(payloads, new Holder(new CompletableFuture<>())));
        assertEquals(refusal, refusal(payloads, List.of(1, new CompletableFuture<>())));
        assertEquals(refusal, refusal(payloads, Map.of("a", new CompletableFuture<>())));
        assertEquals(refusal, refusal(payloads, new Object[] {new CompletableFuture<>()}));
        // A second time as well: Jackson caches what it has made.
        assertEquals(refusal, refusal(payloads, new Holder(new CompletableFuture<>())));
        assertEquals("{\"value\":1}", payloads.payload(new Holder(1)).text());
        assertTrue(refusal(payloads, new Holder(ByteString.EMPTY)).startsWith("okio.ByteString is not a message"));
    }

    @Test
    void noTypeOfTheSdkIsAMessage() {
        List<String> accepted = new ArrayList<>();
        new ClassFileImporter()
                .importUrl(HoldfastClient.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation())
                .forEach(type -> {
                    if (NotMessages.reason(type.reflect()) == null) accepted.add(type.getName());
                });
        assertEquals(List.of(), accepted);
        assertEquals(
                "dev.holdfast.Outcome is not a message: it is a type of the SDK's; send a value of it that the receiver needs",
                NotMessages.reason(Outcome.class));
    }

    @Test
    void theyAreNotReadEither() {
        assertTrue(refusedReading(payloads, "\"/etc/passwd\"", File.class).startsWith("java.io.File is not a message"));
        assertTrue(
                refusedReading(payloads, "{}", CompletableFuture.class).endsWith("wait for its result, and send that"));
        assertTrue(refusedReading(payloads, "{}", IllegalStateException.class).contains("is not a message"));
        assertTrue(refusedReading(payloads, "{}", SendOptions.class).contains("is not a message"));
    }

    @Test
    void anOptionalIsRefusedOneWayOrTheOther() {
        // Jackson refuses it by itself since 2.15, unless a module writes it.
        RuntimeException thrown = assertThrows(RuntimeException.class, () -> payloads.payload(Optional.of(1)));
        assertTrue(thrown instanceof PayloadException || thrown instanceof IllegalArgumentException, thrown.toString());
    }

    @Test
    void treesOfOtherLibrariesAreKnownByName() {
        for (Object tree : List.of(new JSONObject(Map.of("a", 1)), new JsonPrimitive(1))) {
            String refusal = refusal(payloads, tree);
            assertTrue(
                    refusal.startsWith(
                            tree.getClass().getName() + " is not a message: send(json.toString()) sends it as text"),
                    refusal);
        }
        assertEquals(
                "{a=1}",
                payloads.payload(new JSONObject(Map.of("a", 1)).toString()).text());
    }

    @Test
    void whatTheMapperHasASerializerForIsAMessage() {
        SimpleModule module = new SimpleModule();
        module.addSerializer(new StdSerializer<Buffer.UnsafeCursor>(Buffer.UnsafeCursor.class) {
            private static final long serialVersionUID = 1;

            @Override
            public void serialize(Buffer.UnsafeCursor value, JsonGenerator json, SerializerProvider provider)
                    throws IOException {
                json.writeString("cursor");
            }
        });
        Payloads configured = new Payloads(
                JacksonCodec.of(JsonMapper.builder().addModule(module).build()));
        assertEquals("\"cursor\"", configured.payload(new Buffer.UnsafeCursor()).text());
        assertTrue(refusal(payloads, new Buffer.UnsafeCursor()).contains("is not a message"));
    }

    @Test
    void whatAMixInDescribesIsAMessage() {
        Payloads configured = new Payloads(JacksonCodec.of(JsonMapper.builder()
                        .addMixIn(Plain.class, PlainNames.class)
                        .build())
                .withNames(MemberNames.ANDROID));
        assertEquals("{\"name\":\"a\"}", configured.payload(new Plain("a")).text());
    }

    interface PlainNames {
        @JsonProperty("name")
        String getText();
    }

    /** A mapper that forgot to. */
    @SuppressWarnings("serial")
    static final class Uncopied extends ObjectMapper {}

    @Test
    void aMapperThatCannotBeCopiedIsRefused() {
        assertEquals(
                Uncopied.class.getName() + " must override copy()",
                assertThrows(IllegalArgumentException.class, () -> JacksonCodec.of(new Uncopied()))
                        .getMessage());
    }

    // ---- names ----

    static class Plain {
        private final String text;

        Plain(String text) {
            this.text = text;
        }

        public String getText() {
            return text;
        }
    }

    static class Bare {
        public String text = "a";
    }

    @HoldfastMessage
    static class Marked {
        public String text = "a";
    }

    static class MarkedChild extends Marked {
        public int more = 1;
    }

    @HoldfastMessage
    static class MarkedOverBare extends Bare {
        public int more = 1;
    }

    static class Named {
        @JsonProperty
        public String text = "a";
    }

    @HoldfastMessage
    static class WithBare {
        public Bare inner = new Bare();
        public List<Bare> list = new ArrayList<>();
    }

    @HoldfastMessage
    static class Empty {
        public final int getSize() {
            return 0;
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    interface Shape {}

    static class Circle implements Shape {
        @JsonProperty("r")
        public int radius = 1;
    }

    record Line(
            @JsonProperty("from") String from,
            @JsonProperty("text") String text) {}

    @HoldfastMessage
    record MarkedLine(String from, String text) {}

    record BareLine(String from) {}

    private static final List<MemberNames> UNSURE = List.of(MemberNames.ANDROID, MemberNames.SHRUNK);

    @Test
    void annotatedClassesAreMessagesEverywhere() {
        for (MemberNames names : MemberNames.values()) {
            Payloads judging = judging(names);
            assertEquals("{\"text\":\"a\"}", judging.payload(new Marked()).text());
            assertEquals(
                    "{\"text\":\"a\",\"more\":1}",
                    judging.payload(new MarkedChild()).text());
            assertEquals("{\"text\":\"a\"}", judging.payload(new Named()).text());
            assertEquals("{\"size\":0}", judging.payload(new Empty()).text());
            assertEquals(
                    "{\"from\":\"a\",\"text\":\"b\"}",
                    judging.payload(new Line("a", "b")).text());
            assertEquals(
                    "{\"from\":\"a\",\"text\":\"b\"}",
                    judging.payload(new MarkedLine("a", "b")).text());
            assertEquals("b", ((Marked) read(judging, "{\"text\":\"b\"}", Marked.class)).text);
            assertEquals("b", ((Named) read(judging, "{\"text\":\"b\"}", Named.class)).text);
            assertEquals(new Line("a", "b"), read(judging, "{\"from\":\"a\",\"text\":\"b\"}", Line.class));
            assertTrue(judging.payload(new Circle()).text().endsWith("\"r\":1}"));
            assertEquals("17", judging.payload(17).text());
            assertEquals("{\"a\":[1]}", judging.payload(Map.of("a", List.of(1))).text());
        }
    }

    @Test
    void othersAreMessagesWhereNamesAreThoseOfTheSource() {
        Payloads judging = judging(MemberNames.FROM_SOURCE);
        assertEquals("{\"text\":\"a\"}", judging.payload(new Bare()).text());
        assertEquals("{\"from\":\"a\"}", judging.payload(new BareLine("a")).text());
        assertEquals("b", ((Bare) read(judging, "{\"text\":\"b\"}", Bare.class)).text);
        for (MemberNames names : UNSURE) {
            Payloads allowing =
                    new Payloads(JacksonCodec.lenient().withNames(names).withUnannotatedMessages());
            assertEquals("{\"text\":\"a\"}", allowing.payload(new Bare()).text());
        }
    }

    @Test
    void othersAreRefusedWhereAShrinkerMayHaveRenamedThem() {
        String bare =
                Bare.class.getName() + " must be annotated with @HoldfastMessage, or its members with @JsonProperty: ";
        for (MemberNames names : UNSURE) {
            Payloads judging = judging(names);
            String refusal = refusal(judging, new Bare());
            assertTrue(refusal.startsWith(bare), refusal);
            assertEquals(refusal, refusal(judging, List.of(new Bare())));
            assertEquals(refusal, refusal(judging, Map.of("a", new Bare())));
            assertEquals(refusal, refusal(judging, new Bare[] {new Bare()}));
            assertEquals(refusal, refusal(judging, new WithBare()));
            assertEquals(refusal, refusedReading(judging, "{\"text\":\"b\"}", Bare.class));
            assertEquals(refusal, refusedReading(judging, "[{\"text\":\"b\"}]", Bare[].class));
            assertEquals(refusal, refusedReading(judging, "{}", WithBare.class));
            assertEquals(
                    refusal,
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new Message(null, Payload.text("[]"), judging)
                                            .read(new TypeRef<List<Bare>>() {}))
                            .getMessage());
            assertTrue(refusal(judging, new MarkedOverBare())
                    .startsWith(Bare.class.getName() + ", from which " + MarkedOverBare.class.getName()
                            + " inherits members, must be annotated"));
            assertTrue(refusal(judging, new BareLine("a")).startsWith(BareLine.class.getName() + " must be"));
        }
    }

    @Test
    void aTypeThatATableReadsIsNotHandedToTheOtherHandler() {
        TypedMessages typed = TypedMessages.discriminator("/type")
                .on("bare", Bare.class, bare -> {})
                .otherwise(message -> {
                    throw new AssertionError("handed to the other handler");
                });
        Message message = new Message(null, Payload.text("{\"type\":\"bare\"}"), judging(MemberNames.ANDROID));
        assertThrows(IllegalArgumentException.class, () -> typed.handle(message));
    }

    @Test
    void hereNamesAreThoseOfTheSource() {
        assertEquals(MemberNames.FROM_SOURCE, MemberNames.here());
        assertTrue(MemberNames.isAndroid("Dalvik"));
        assertFalse(MemberNames.isAndroid(null));
        assertFalse(MemberNames.isAndroid("OpenJDK 64-Bit Server VM"));
    }
}

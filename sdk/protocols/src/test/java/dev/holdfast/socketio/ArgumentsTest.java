package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.TypeRef;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @SuppressWarnings("ArrayRecordComponent") // As an application might declare it.
    record Photo(String name, byte[] data) {}

    private final List<ByteString> attachments = new ArrayList<>();

    private String write(Object... arguments) {
        return Arguments.array("e", arguments, attachments, JacksonCodec::lenient);
    }

    private Arguments read(String... values) {
        return new Arguments(JsonTexts.of(List.of(values)), attachments, JacksonCodec::lenient);
    }

    @Test
    void writesValuesAsJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a", Arrays.asList(1, null, "x\n"));
        map.put("b", new Object[] {true, 1.5});
        assertEquals(
                "[\"e\",null,\"ü\\\"\",7,2.50,{\"a\":[1,null,\"x\\n\"],\"b\":[true,1.5]}]",
                write(null, "ü\"", 7L, new BigDecimal("2.50"), map));
        assertTrue(attachments.isEmpty());
    }

    @Test
    void writesObjectsWithTheCodec() {
        assertEquals("[\"e\",{\"name\":\"cat\",\"data\":\"AQI=\"}]", write(new Photo("cat", new byte[] {1, 2})));
    }

    @Test
    void takesBytesOutWhereverTheyAre() {
        String json =
                write(new byte[] {1}, Map.of("in", List.of(ByteString.of((byte) 2))), ByteBuffer.wrap(new byte[] {3}));
        assertEquals(
                "[\"e\",{\"_placeholder\":true,\"num\":0},{\"in\":[{\"_placeholder\":true,\"num\":1}]},"
                        + "{\"_placeholder\":true,\"num\":2}]",
                json);
        assertEquals(List.of(ByteString.of((byte) 1), ByteString.of((byte) 2), ByteString.of((byte) 3)), attachments);
    }

    @Test
    void refusesWhatTheCodecRefuses() {
        assertThrows(RuntimeException.class, () -> write(new Object()));
    }

    @Test
    void readsValues() {
        Arguments arguments = read("\"text\"", "12", "null", "{\"name\":\"cat\",\"data\":\"AQI=\"}", "[1,2]");
        assertEquals(5, arguments.size());
        assertEquals("text", arguments.text(0));
        assertEquals("12", arguments.text(1));
        assertEquals("[1,2]", arguments.json(4));
        assertEquals(12, arguments.read(1, Integer.class));
        assertNull(arguments.read(2, String.class));
        assertEquals("cat", arguments.read(3, Photo.class).name());
        assertEquals(List.of(1, 2), arguments.read(4, new TypeRef<List<Integer>>() {}));
        assertFalse(arguments.isBinary(3));
        assertThrows(IllegalStateException.class, () -> arguments.bytes(3));
        assertThrows(PayloadException.class, () -> arguments.read(0, Photo.class));
        assertThrows(IndexOutOfBoundsException.class, () -> arguments.text(5));
    }

    @Test
    void readsAttachments() {
        attachments.add(ByteString.of((byte) 1, (byte) 2));
        String one = "{\"_placeholder\":true,\"num\":0}";
        Arguments arguments =
                read(one, "{\"name\":\"cat\",\"data\":" + one + "}", "[{\"_placeholder\":true,\"num\":1}]");
        assertTrue(arguments.isBinary(0));
        assertEquals(attachments.get(0), arguments.bytes(0));
        assertArrayEquals(new byte[] {1, 2}, arguments.read(1, Photo.class).data());
        assertThrows(PayloadException.class, () -> arguments.read(2, new TypeRef<List<byte[]>>() {}));
        assertThrows(
                PayloadException.class,
                () -> read("{\"_placeholder\":true,\"num\":1}").bytes(0));
    }
}

package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader without a parser reads the same as a parser. */
@Tag("slow")
class MessageReaderTest {
    /** One for all texts, as for those of a connection. */
    private final MessageReader reader = new MessageReader(Texts.text(""));

    private static final int MUTATIONS = 200_000;

    private static final List<String> USUAL = List.of(
            "{\"t\":\"msg\",\"id\":\"17-3\",\"d\":{\"text\":\"hé\",\"n\":[1,-2.5e+3,true,false,null,{}],\"e\":[]}}",
            "{\"t\": \"msg\", \"id\": \"1\", \"d\": \"text\"}",
            " {\r\n\t\"d\" : [ ] ,\n\"id\" : \"a:b\", \"t\" : \"msg\", \"at\" : 12 }\n",
            "{\"id\":\"1\",\"d\":0,\"t\":\"msg\"}",
            "{\"id\":\"1\",\"d\":[0.10,\"\\\"\\u00e9\\n\"],\"t\":\"msg\"}",
            "{\"t\":\"msg\",\"id\":\"1\",\"d\":null}",
            "{\"t\":\"msg\",\"id\":\"0123456789\",\"d\":\"цена and nothing that would need an escape 🙂\"}",
            "{\"t\":\"msg\",\"id\":\"0123456789\",\"d\":{\"text\":\"a word \\\" and another one, \u0080\"}}");

    private static final String ALPHABET = "{}[]\":,\\ truefalsn01-+.eEdi/bfu\u0000\u001f\né\ud800";

    @Test
    void theUsualIsReadWithoutAParser() throws Exception {
        for (String text : USUAL) {
            assertNotNull(found(text), text);
            assertSame(text);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":01}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1.}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":+1}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":-}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1e}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":[1,]}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":{\"a\"}}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":{,}}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":\"\\x\"}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":[\"\\u12g4\"]}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":[\"\n\"]}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":truth}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1,}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1} 2",
                "{\"t\":\"msg\",\"id\":\"\",\"d\":1}",
                "{\"t\":\"msg\",\"id\":1,\"d\":1}",
                "{\"t\":\"msg\",\"id\":\"1\"}",
                "{\"t\":\"ack\",\"id\":\"1\",\"d\":1}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1,\"d\":2}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1,\"\\u0064\":2}",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1,\"\\u0074\":\"ack\",\"c\":5}",
                "[{\"t\":\"msg\",\"id\":\"1\",\"d\":1}]",
            })
    void theRestIsLeftToTheParser(String text) throws Exception {
        assertNull(found(text));
    }

    @Test
    void nothingIsReadOfATextThatIsCutShort() throws Exception {
        for (String usual : USUAL) {
            String whole = usual.trim();
            for (int end = 0; end < whole.length(); end++) {
                assertNull(found(
                        new String(whole.substring(0, end).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)));
            }
        }
    }

    @Test
    void whateverIsReadTheParserReadsTheSame() throws Exception {
        Random random = new Random(7);
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            StringBuilder text = new StringBuilder(USUAL.get(random.nextInt(USUAL.size())));
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                int at = random.nextInt(text.length());
                String other = "" + ALPHABET.charAt(random.nextInt(ALPHABET.length()));
                text.replace(at, at + random.nextInt(2), random.nextInt(4) == 0 ? "" : other);
            }
            // A surrogate on its own has no UTF-8.
            byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
            if (assertSame(new String(utf8, StandardCharsets.UTF_8))) read++;
        }
        assertTrue(read > MUTATIONS / 10, read + " were read");
    }

    /** Whatever byte is bad, and wherever it stands, nothing is made of the text. */
    @Test
    void whatIsNotUtf8IsRefused() throws Exception {
        ResumeProtocol protocol = new ResumeProtocol(url -> true);
        for (String usual : USUAL) {
            byte[] utf8 = usual.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < utf8.length; at++) {
                for (int bad : new int[] {0x80, 0xc0, 0xe2, 0xff}) {
                    byte[] changed = utf8.clone();
                    changed[at] = (byte) bad;
                    if (Texts.isUtf8(changed)) {
                        protocol.readText(Texts.text(changed));
                    } else {
                        assertThrows(
                                ProtocolViolation.class,
                                () -> protocol.readText(Texts.text(changed)),
                                ByteString.of(changed).utf8());
                    }
                }
            }
        }
    }

    private Inbound found(String text) throws ProtocolViolation {
        return reader.read(Texts.text(text));
    }

    private boolean assertSame(String text) throws IOException, BadEnvelopeException {
        Inbound found = found(text);
        if (found == null) return false;
        ServerEnvelope parsed;
        try {
            parsed = ServerEnvelope.read(new JsonFactory(), text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
        assertEquals("msg", parsed.type(), text);
        assertEquals(parsed.id(), found.id(), text);
        Payload payload = parsed.payload();
        assertTrue(payload.sameAs(found.payload()), text);
        assertEquals(payload.size(), found.payload().size(), text);
        return true;
    }
}

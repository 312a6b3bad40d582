package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = ';',
            value = {
                "{\"t\":\"open\"};{\"t\":\"open\"}",
                "{\"key\":\"Z\",\"last\":\"e-1\"};{\"key\":***,\"last\":\"e-1\"}",
                "{\"sid\" :\t\"Z\"};{\"sid\":***}",
                "{\"auth\":\"a\\\"Z\",\"c\":1};{\"auth\":***,\"c\":1}",
                "{\"auth\":\"Z\\\\\",\"c\":1};{\"auth\":***,\"c\":1}",
                "{\"auth\":123,\"c\":1};{\"auth\":***,\"c\":1}",
                "{\"auth\":{\"x\":\"Z\"},\"c\":1};{\"auth\":***",
                "{\"auth\":[\"Z\"],\"c\":1};{\"auth\":***",
                "{\"d\":{\"key\":\"Z\",\"x\":[{\"auth\":\"Z\"}]}};{\"d\":{\"key\":***,\"x\":[{\"auth\":***}]}}",
                "{\"k\\u0065y\":\"Z\"};{\"k\\u0065y\":***}",
                "{\"d\":\"key\",\"c\":\"auth\"};{\"d\":\"key\",\"c\":\"auth\"}",
                "[\"key\",\"sid\"];[\"key\",\"sid\"]",
                "no JSON: key, auth;no JSON: key, auth"
            })
    void secretsAreLeftOut(String text, String shown) {
        assertEquals(shown, Redaction.redact(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"t\":\"open\",\"sid\":\"ZZZZ\",\"key\":\"ZZ\\\"ZZ\",\"last\":\"e-1\",\"auth\":\"ZZ\\\\\\\\ZZ\"}",
                "{ \"key\" : \"ZZ\\u0022ZZ\" , \"auth\" : [ \"ZZ\" ] , \"sid\" : 1 }",
                "{\"\\u006bey\":\"ZZZZ\",\"d\":{\"auth\":\"ZZZZ\"}}"
            })
    void whereverTheTextIsCut(String text) {
        for (int cut = 0; cut <= text.length(); cut++) {
            String shown = Redaction.redact(text.substring(0, cut));
            assertFalse(shown.contains("Z"), shown);
        }
    }

    @Test
    void whatIsShownStaysWithinItsLine() {
        assertEquals("a\\u000ab\\u2028c\\u202ed\\u001b[0m", Redaction.redact("a\nb\u2028c\u202ed\u001b[0m"));
    }
}

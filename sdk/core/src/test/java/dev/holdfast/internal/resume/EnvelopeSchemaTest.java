package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema's check, which every envelope of the simulation passes, finds what is wrong. */
class EnvelopeSchemaTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"t\":\"msg\",\"c\":0,\"d\":1} | /c is too small",
                "{\"t\":\"msg\",\"c\":1.0,\"d\":1} | /c is no integer",
                "{\"t\":\"msg\",\"c\":9007199254740992,\"d\":1} | /c is too large",
                "{\"t\":\"msg\",\"c\":1} | /d is missing",
                "{\"t\":\"msg\",\"c\":1,\"d\":1,\"e\":1} | /e is not in the schema",
                "{\"t\":\"msg\",\"id\":\"1\",\"d\":1} | /c is missing",
                "{\"t\":\"ack\",\"last\":\"a b\"} | /last does not match ^[0-9A-Za-z_.:-]{1,64}$",
                "{\"t\":\"open\",\"sid\":\"\"} | /sid is too short",
                "{\"t\":\"auth\"} | /auth is missing",
                "[] | has too few items",
                "[{\"t\":\"bye\"}] | /0/c is missing",
                "{\"t\":\"fly\"} | is none of the alternatives",
                "7 | is no object",
                "{} | /t is missing"
            })
    void whatIsWrongIsFound(String text, String fault) {
        String found = EnvelopeSchema.faultFromClient(text);
        assertEquals(fault.trim(), found == null ? null : found.trim());
    }

    @Test
    void theTwoSidesDiffer() {
        assertNull(EnvelopeSchema.faultFromServer("{\"t\":\"msg\",\"id\":\"1\",\"d\":null}"));
        assertNull(EnvelopeSchema.faultFromClient("{\"t\":\"msg\",\"c\":1,\"d\":null}"));
        assertNull(EnvelopeSchema.faultFromClient("[{\"t\":\"msg\",\"c\":1,\"d\":null}]"));
        assertEquals("/id is missing", EnvelopeSchema.faultFromServer("{\"t\":\"msg\",\"c\":1,\"d\":null}"));
    }
}

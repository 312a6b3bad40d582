package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema that every envelope of the server is checked against finds what is wrong. */
class ServerSchemaTest {
    @Test
    void theSchemaIsOne() {
        var meta = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(SchemaLocation.of(SchemaId.V202012));
        assertEquals(Set.of(), meta.validate(ServerSchema.SCHEMA));
    }

    @Test
    void whatTheServerMaySayMatches() throws Exception {
        assertNull(fault("{'t':'msg','id':'e1-1','d':null}"));
        assertNull(fault("{'t':'welcome','sid':'s','key':'k','resumed':false,'c':0}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'t':'msg','id':'e 1','d':1}",
                "{'t':'msg','c':1,'d':1}",
                "{'t':'ack','c':-1}",
                "{'t':'ack','c':'1'}",
                "{'t':'live','later':1}",
                "{'t':'welcome','sid':'s','key':'k','c':0}",
                "{'t':'open'}",
                "[]"
            })
    void whatItMayNotSayDoesNot(String envelope) throws Exception {
        assertNotNull(fault(envelope));
    }

    private static String fault(String envelope) throws Exception {
        return ServerSchema.fault(new ObjectMapper().readTree(envelope.replace('\'', '"')));
    }
}

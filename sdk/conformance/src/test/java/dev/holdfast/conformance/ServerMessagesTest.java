package dev.holdfast.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerMessagesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'t':'live'}",
                "{'t':'ack','c':0,'later':[]}",
                "{'t':'msg','id':'e1-1','d':null}",
                "{'t':'reject','id':'e1-1','c':1,'code':'no'}",
                "{'t':'auth','ok':false,'code':'expiring','inMs':0}",
                "{'t':'reconnect','afterMs':9007199254740991}"
            })
    void acceptsWhatTheTablesAllow(String text) {
        String json = text.replace('\'', '"');
        assertEquals(json, ServerMessages.envelope(json).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[{'t':'live'}]",
                "{'t':'open'}",
                "{'t':'live'}{'t':'live'}",
                "{'t':'ack','c':1,'c':1}",
                "{'t':'ack','c':'1'}",
                "{'t':'ack','c':1.0}",
                "{'t':'ack','c':1e0}",
                "{'t':'ack','c':-1}",
                "{'t':'ack','c':9007199254740992}",
                "{'t':'msg','id':'e1 1','d':1}",
                "{'t':'msg','id':'','d':1}",
                "{'t':'msg','id':'e1-1'}",
                "{'t':'reject','id':'e1-1','c':0,'code':'no'}",
                "{'t':'reject','id':'e1-1','c':1,'code':'no','message':null}",
                "{'t':'error','code':'e'}",
                "{'t':'welcome','sid':'s','key':'short','resumed':false,'c':0}"
            })
    void refusesWhatTheyDoNotAllow(String text) {
        assertThrows(Failure.class, () -> ServerMessages.envelope(text.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "02 01 61", "01 00 61", "01 02 61", "01 01 20 ff"})
    void refusesBinaryMessagesWithAnotherPrefix(String hex) {
        byte[] bytes = new byte[hex.isEmpty() ? 0 : (hex.length() + 1) / 3];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(hex.substring(3 * i, 3 * i + 2), 16);
        assertThrows(Failure.class, () -> ServerMessages.binary(bytes));
    }
}

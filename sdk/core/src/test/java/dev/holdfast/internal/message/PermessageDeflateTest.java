package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Compression;
import java.net.ProtocolException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermessageDeflateTest {
    private static final Compression DEFAULT = Compression.deflate();

    // ---- the offer, RFC 7692 section 7.1 ----

    @Test
    void offersThatTheServerMaySetOurWindow() {
        assertEquals("permessage-deflate; client_max_window_bits", PermessageDeflate.offer(DEFAULT));
    }

    @Test
    void offersNothing() {
        assertNull(PermessageDeflate.offer(Compression.none()));
    }

    @Test
    void offersEveryParameter() {
        assertEquals(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                        + " server_max_window_bits=10; client_max_window_bits=9",
                PermessageDeflate.offer(DEFAULT.withoutServerContextTakeover()
                        .withoutClientContextTakeover()
                        .withServerMaxWindowBits(10)
                        .withClientMaxWindowBits(9)));
    }

    // ---- the answer ----

    @Test
    void nothingSelected() throws Exception {
        assertNull(accept(DEFAULT));
        assertNull(accept(DEFAULT.withoutServerContextTakeover().withServerMaxWindowBits(8)));
        assertNull(accept(Compression.none()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"permessage-deflate,", ", permessage-deflate", " , ,\tpermessage-deflate , ,"})
    void emptyListElementsAreIgnored(String header) throws Exception {
        assertTrue(accept(DEFAULT, header).clientContextTakeover);
        assertTrue(accept(DEFAULT, "", header, ",").clientContextTakeover);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", " , "})
    void aListWithoutElementsSelectsNothing(String header) throws Exception {
        assertNull(accept(DEFAULT, header));
        assertNull(accept(Compression.none(), header));
    }

    @Test
    void selectedWithoutParameters() throws Exception {
        PermessageDeflate agreed = accept(DEFAULT.withThreshold(77), "permessage-deflate");
        assertTrue(agreed.clientContextTakeover);
        assertTrue(agreed.serverContextTakeover);
        assertEquals(15, agreed.clientWindowBits);
        assertEquals(77, agreed.thresholdBytes);
    }

    /** Every combination that a server may answer the default offer with. */
    @Test
    void everyCombinationOfParameters() throws Exception {
        for (int flags = 0; flags < 4; flags++) {
            for (int clientBits = 7; clientBits <= 15; clientBits++) {
                for (int serverBits = 7; serverBits <= 15; serverBits++) {
                    String answer = "permessage-deflate"
                            + ((flags & 1) != 0 ? "; client_no_context_takeover" : "")
                            + ((flags & 2) != 0 ? "; server_no_context_takeover" : "")
                            + (clientBits > 7 ? "; client_max_window_bits=" + clientBits : "")
                            + (serverBits > 7 ? "; server_max_window_bits=" + serverBits : "");
                    PermessageDeflate agreed = accept(DEFAULT, answer);
                    assertEquals((flags & 1) == 0, agreed.clientContextTakeover, answer);
                    assertEquals((flags & 2) == 0, agreed.serverContextTakeover, answer);
                    assertEquals(clientBits > 7 ? clientBits : 15, agreed.clientWindowBits, answer);
                }
            }
        }
    }

    /** What we said of our own side holds even where the server does not repeat it. */
    @Test
    void ourOwnLimitsHoldUnrepeated() throws Exception {
        Compression offered = DEFAULT.withoutClientContextTakeover().withClientMaxWindowBits(9);
        PermessageDeflate agreed = accept(offered, "permessage-deflate");
        assertFalse(agreed.clientContextTakeover);
        assertEquals(9, agreed.clientWindowBits);
        assertEquals(8, accept(offered, "permessage-deflate; client_max_window_bits=8").clientWindowBits);
        assertRefused(offered, "client_max_window_bits must be", "permessage-deflate; client_max_window_bits=10");
    }

    @Test
    void whatTheServerWasAskedForItMustAccept() throws Exception {
        Compression takeover = DEFAULT.withoutServerContextTakeover();
        assertRefused(takeover, "server_no_context_takeover was asked for", "permessage-deflate");
        assertFalse(accept(takeover, "permessage-deflate; server_no_context_takeover").serverContextTakeover);
        Compression window = DEFAULT.withServerMaxWindowBits(10);
        assertRefused(window, "server_max_window_bits=10 was asked for", "permessage-deflate");
        assertRefused(window, "server_max_window_bits must be", "permessage-deflate; server_max_window_bits=11");
        accept(window, "permessage-deflate; server_max_window_bits=10");
        accept(window, "permessage-deflate; server_max_window_bits=8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PERMESSAGE-DEFLATE; Client_No_Context_Takeover",
                "permessage-deflate;client_no_context_takeover",
                " permessage-deflate \t; client_no_context_takeover ",
                "permessage-deflate; client_no_context_takeover; server_max_window_bits=\"10\"",
                "permessage-deflate; client_no_context_takeover; client_max_window_bits = \"\\1\\5\"",
            })
    void writtenInOtherWays(String answer) throws Exception {
        assertFalse(accept(DEFAULT, answer).clientContextTakeover);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate; client_no_context_takeover=1             | must have no value, but had 1",
                "permessage-deflate; server_no_context_takeover=true          | must have no value, but had true",
                "permessage-deflate; client_max_window_bits                   | between 8 and 15, but was null",
                "permessage-deflate; client_max_window_bits=7                 | between 8 and 15, but was 7",
                "permessage-deflate; client_max_window_bits=16                | between 8 and 15, but was 16",
                "permessage-deflate; client_max_window_bits=08                | between 8 and 15, but was 08",
                "permessage-deflate; server_max_window_bits                   | between 8 and 15, but was null",
                "permessage-deflate; server_max_window_bits=99999999999       | between 8 and 15, but was 99999999999",
                "permessage-deflate; server_max_window_bits=+9                | between 8 and 15, but was +9",
                "permessage-deflate; server_max_window_bits=\"\"              | between 8 and 15, but was ",
                "permessage-deflate; mystery                                  | no parameter mystery",
                "permessage-deflate; mystery=9                                | no parameter mystery",
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover | server_no_context_takeover twice",
                "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9     | server_max_window_bits twice",
                "x-webkit-deflate-frame                                       | never offered",
                "!azAZ09                                                      | never offered",
                "x-custom, permessage-deflate                                 | never offered",
                "permessage-deflate, x-custom                                 | more than one",
                "permessage-deflate, permessage-deflate                       | more than one",
                "permessage-deflate;                                          | name or value is missing at 19",
                "permessage-deflate; =9                                       | name or value is missing",
                "permessage-deflate; server_max_window_bits=                  | name or value is missing",
                "permessage-deflate server_no_context_takeover                | unexpected character at 19",
                "permessage-deflate; server_max_window_bits=\"9               | quote without an end",
                "permessage-deflate; server_max_window_bits=\"9\\             | quote without an end",
                "permessage-deflate; server_max_window_bits=\"9\"9            | unexpected character",
                "{}                                                           | name or value is missing at 0",
            })
    void refused(String answer, String because) {
        assertRefused(DEFAULT, because, answer);
    }

    @Test
    void refusedInTwoHeaders() {
        assertRefused(DEFAULT, "more than one", "permessage-deflate", "permessage-deflate");
    }

    @Test
    void refusedWhereNothingWasOffered() {
        assertRefused(Compression.none(), "never offered", "permessage-deflate");
    }

    private static PermessageDeflate accept(Compression offered, String... headers) throws ProtocolException {
        return PermessageDeflate.accept(offered, List.of(headers), new Zlib());
    }

    private static void assertRefused(Compression offered, String because, String... headers) {
        ProtocolException e = assertThrows(ProtocolException.class, () -> accept(offered, headers));
        assertTrue(e.getMessage().contains(because), e.getMessage());
    }
}

package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.Compression;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import okhttp3.Headers;
import okhttp3.internal.ws.WebSocketExtensions;
import org.eclipse.jetty.websocket.core.ExtensionConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A {@code Sec-WebSocket-Extensions} header that the SDK accepts means to OkHttp and to Jetty what it means to the SDK. What only
 * they accept is theirs: they are more tolerant.
 */
@Tag("slow")
class ExtensionsFuzzTest {
    private static final Pattern SPACE = Pattern.compile("[ \t]=|=[ \t]");
    private static final String NAME = "Sec-WebSocket-Extensions";
    private static final String[] PARTS = {
        "permessage-deflate",
        "PerMessage-Deflate",
        "x-other",
        ";",
        ";",
        ";",
        ",",
        "=",
        "=",
        " ",
        "\t",
        "\"",
        "8",
        "9",
        "15",
        "16",
        "client_no_context_takeover",
        "server_no_context_takeover",
        "client_max_window_bits",
        "server_max_window_bits"
    };

    @FuzzTest
    void anyHeader(byte[] bytes) throws Exception {
        check(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Test
    void headersOfPartsThatOccur() throws Exception {
        Random random = new Random(1);
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder header = new StringBuilder(random.nextInt(4) > 0 ? "permessage-deflate" : "");
            for (int parts = random.nextInt(12); parts > 0; parts--) {
                // Most headers would break the grammar otherwise.
                if (random.nextBoolean()) header.append("; ").append(PARTS[16 + random.nextInt(4)]);
                else header.append(PARTS[random.nextInt(PARTS.length)]);
            }
            if (check(header.toString())) accepted++;
        }
        assertTrue(accepted > 1000, accepted + " were accepted");
    }

    /** Returns whether the SDK accepts it. */
    private static boolean check(String header) throws Exception {
        PermessageDeflate ours;
        List<Extension> parsed;
        try {
            ours = PermessageDeflate.accept(Compression.deflate(), List.of(header), new Zlib());
            parsed = Extension.parse(List.of(header));
        } catch (ProtocolException e) {
            return false;
        }
        // Escapes in quotes, and commas and semicolons there, are the grammar's, but OkHttp does not know them.
        if (ours == null || header.indexOf('\\') >= 0) return false;
        Map<String, String> parameters = parsed.get(0).parameters;

        WebSocketExtensions okHttp = WebSocketExtensions.Companion.parse(Headers.of(NAME, header));
        assertTrue(okHttp.perMessageDeflate, header);
        assertEquals(!okHttp.serverNoContextTakeover, ours.serverContextTakeover, header);
        assertEquals(!okHttp.clientNoContextTakeover, ours.clientContextTakeover, header);
        if (okHttp.clientMaxWindowBits != null) {
            assertEquals(okHttp.clientMaxWindowBits.intValue(), ours.clientWindowBits, header);
        }
        assertEquals(parameters.containsKey("client_max_window_bits"), okHttp.clientMaxWindowBits != null, header);
        assertEquals(parameters.containsKey("server_max_window_bits"), okHttp.serverMaxWindowBits != null, header);

        // RFC 6455 takes the grammar of RFC 2616, which allows space around the sign. Jetty does not.
        if (SPACE.matcher(header).find()) return true;
        List<ExtensionConfig> jetty = ExtensionConfig.parseList(header);
        assertEquals(1, jetty.size(), header);
        ExtensionConfig config = jetty.get(0);
        assertEquals("permessage-deflate", config.getName().toLowerCase(Locale.ROOT), header);
        assertEquals(parameters.size(), config.getParameterKeys().size(), header);
        return true;
    }
}

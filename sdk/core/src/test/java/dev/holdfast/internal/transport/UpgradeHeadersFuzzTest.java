package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.Tag;

/**
 * The headers of an upgrade's answer mean to the SDK what they mean to OkHttp and to Jetty. OkHttp takes no list in {@code Connection},
 * and Jetty knows quotes and parameters there, which RFC 9110 does not.
 */
@Tag("slow")
class UpgradeHeadersFuzzTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    @FuzzTest
    void anyBytes(byte[] bytes) {
        checkConnection(bytes);
        checkEachHeader(bytes);
    }

    private static void checkConnection(byte[] bytes) {
        List<String> lines = lines(bytes);
        boolean ours = UpgradeAnswer.hasToken(lines, "upgrade");
        if (lines.size() == 1 && "Upgrade".equalsIgnoreCase(lines.get(0))) assertTrue(ours, lines.toString());
        for (String line : lines) {
            if (line.indexOf('"') >= 0 || line.indexOf(';') >= 0) return;
        }
        HttpFields.Mutable fields = HttpFields.build();
        for (String line : lines) fields.add(HttpHeader.CONNECTION, line);
        assertEquals(fields.contains(HttpHeader.CONNECTION, "upgrade"), ours, lines.toString());
    }

    /** Whatever one header says, the answer is taken only if OkHttp would take that header too. */
    private static void checkEachHeader(byte[] bytes) {
        String value = line(bytes);
        for (String name : List.of("Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol")) {
            Response answer = answer(name, value);
            boolean ours = isTaken(answer);
            boolean okHttp = "Upgrade".equalsIgnoreCase(answer.header("Connection"))
                    && "websocket".equalsIgnoreCase(answer.header("Upgrade"))
                    && ACCEPT.equals(answer.header("Sec-WebSocket-Accept"));
            if (name.equals("Sec-WebSocket-Protocol"))
                // OkHttp trims a no-break space, too.
                assertEquals(List.of("a", "b").contains(answer.header(name)), ours, value);
            else if (name.equals("Connection")) assertTrue(ours || !okHttp, value);
            else assertEquals(okHttp, ours, name + ": " + value);
        }
    }

    private static boolean isTaken(Response answer) {
        try {
            UpgradeAnswer.check(answer, KEY, List.of("a, b"), null, ConnectionSettings.of(1, 1));
            return true;
        } catch (TransportException e) {
            return false;
        }
    }

    private static Response answer(String name, String value) {
        Headers headers = new Headers.Builder()
                .set("Upgrade", "websocket")
                .set("Connection", "Upgrade")
                .set("Sec-WebSocket-Accept", ACCEPT)
                .removeAll(name)
                .addUnsafeNonAscii(name, value)
                .build();
        return new Response.Builder()
                .request(new Request.Builder().url("http://server/").build())
                .protocol(Protocol.HTTP_1_1)
                .code(101)
                .message("")
                .headers(headers)
                .build();
    }

    private static List<String> lines(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .lines()
                .map(line -> line(line))
                .toList();
    }

    private static String line(byte[] bytes) {
        return line(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** What a header may hold, without the space around it, as a parser of HTTP leaves it. */
    private static String line(String text) {
        return text.replaceAll("[^\t -~\u0080-\u00ff]", "").replaceAll("^[ \t]+|[ \t]+$", "");
    }
}

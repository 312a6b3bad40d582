package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.text.Printable;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Checks a response with status 101 (RFC 6455 section 4.1). */
final class UpgradeAnswer {
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private UpgradeAnswer() {}

    /**
     * Checks the headers.
     *
     * @param key the Sec-WebSocket-Key of the request
     * @param offered the values of the request's Sec-WebSocket-Protocol headers
     * @param required the subprotocol that the server must select, null if it may select none
     * @return the compression that was negotiated, null for none
     * @throws TransportException if a header is missing or wrong
     */
    static @Nullable PermessageDeflate check(
            Response response, String key, List<String> offered, @Nullable String required, ConnectionSettings settings)
            throws TransportException {
        if (!"websocket".equalsIgnoreCase(single(response, "Upgrade"))) {
            throw UpgradeFailures.violation("Upgrade is " + shown(response, "Upgrade") + ", not websocket");
        }
        if (!hasToken(response.headers("Connection"), "upgrade")) {
            throw UpgradeFailures.violation("Connection is " + shown(response, "Connection") + ", not Upgrade");
        }
        String accept = ByteString.encodeUtf8(key + ACCEPT_SUFFIX).sha1().base64();
        if (!accept.equals(single(response, "Sec-WebSocket-Accept"))) {
            throw UpgradeFailures.violation(
                    "Sec-WebSocket-Accept is " + shown(response, "Sec-WebSocket-Accept") + ", not " + accept);
        }
        checkSubprotocol(response, offered, required);
        try {
            return PermessageDeflate.accept(
                    settings.compression, response.headers("Sec-WebSocket-Extensions"), settings.zlib);
        } catch (ProtocolException e) {
            throw UpgradeFailures.violation(Printable.value(String.valueOf(e.getMessage())));
        }
    }

    /** Returns whether the lines of a header, read as one list, contain a token. Case and order do not matter. */
    static boolean hasToken(List<String> lines, String token) {
        for (String line : lines) {
            for (String element : line.split(",", -1)) {
                if (element.trim().equalsIgnoreCase(token)) return true;
            }
        }
        return false;
    }

    private static void checkSubprotocol(Response response, List<String> lines, @Nullable String required)
            throws TransportException {
        List<String> offered = new ArrayList<>();
        for (String line : lines) {
            for (String one : line.split(",", -1)) offered.add(one.trim());
        }
        List<String> selected = response.headers("Sec-WebSocket-Protocol");
        // The server may ignore what the application offers in its own request, but not what the session needs.
        boolean fits = selected.isEmpty()
                ? required == null
                : selected.size() == 1 && offered.contains(selected.get(0).trim());
        if (required != null && selected.isEmpty()) throw TransportException.unselected(required);
        if (!fits) {
            throw UpgradeFailures.violation("subprotocol " + (offered.isEmpty() ? "none" : String.join(", ", offered))
                    + " was offered, selected " + shown(response, "Sec-WebSocket-Protocol"));
        }
    }

    private static @Nullable String single(Response response, String header) {
        List<String> values = response.headers(header);
        return values.size() == 1 ? values.get(0).trim() : null;
    }

    private static String shown(Response response, String header) {
        return Printable.value(response.headers(header).toString());
    }
}

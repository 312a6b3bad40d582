package dev.holdfast.internal.message;

import dev.holdfast.Compression;
import java.net.ProtocolException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The permessage-deflate extension with its negotiated parameters (RFC 7692 section 7). Immutable. */
public final class PermessageDeflate {
    static final int MAX_WINDOW_BITS = 15;
    private static final int MIN_WINDOW_BITS = 8;

    private static final String NAME = "permessage-deflate";
    private static final String SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
    private static final String SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
    private static final String CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";
    private static final String DEFAULT_OFFER = NAME + "; " + CLIENT_MAX_WINDOW_BITS;

    /** The minimum length, in bytes, of a message that is compressed. */
    final int thresholdBytes;

    final boolean clientContextTakeover;
    final boolean serverContextTakeover;
    final int clientWindowBits;

    private final Zlib zlib;

    PermessageDeflate(
            Zlib zlib,
            int thresholdBytes,
            boolean clientContextTakeover,
            boolean serverContextTakeover,
            int clientWindowBits) {
        this.zlib = zlib;
        this.thresholdBytes = thresholdBytes;
        this.clientContextTakeover = clientContextTakeover;
        this.serverContextTakeover = serverContextTakeover;
        this.clientWindowBits = clientWindowBits;
    }

    /** Returns the {@code Sec-WebSocket-Extensions} header that offers compression, null if it is not to be offered. */
    public static @Nullable String offer(Compression wanted) {
        if (!wanted.isOffered()) return null;
        StringBuilder offer = new StringBuilder(NAME);
        if (!wanted.serverContextTakeover()) offer.append("; ").append(SERVER_NO_CONTEXT_TAKEOVER);
        if (!wanted.clientContextTakeover()) offer.append("; ").append(CLIENT_NO_CONTEXT_TAKEOVER);
        if (wanted.serverMaxWindowBits() < MAX_WINDOW_BITS) {
            offer.append("; ").append(SERVER_MAX_WINDOW_BITS).append('=').append(wanted.serverMaxWindowBits());
        }
        offer.append("; ").append(CLIENT_MAX_WINDOW_BITS);
        if (wanted.clientMaxWindowBits() < MAX_WINDOW_BITS) offer.append('=').append(wanted.clientMaxWindowBits());
        String text = offer.toString();
        // A connection's request keeps it.
        return text.equals(DEFAULT_OFFER) ? DEFAULT_OFFER : text;
    }

    /**
     * Reads the server's answer to an offer (RFC 7692 section 7.1).
     *
     * @param headers all {@code Sec-WebSocket-Extensions} headers of the response
     * @return null if the server selected no extension
     * @throws ProtocolException if the server selected something that was not offered
     */
    public static @Nullable PermessageDeflate accept(Compression offered, List<String> headers, Zlib zlib)
            throws ProtocolException {
        List<Extension> extensions = Extension.parse(headers);
        if (extensions.isEmpty()) return null;
        Extension selected = extensions.get(0);
        if (!offered.isOffered() || !selected.name.equals(NAME)) {
            throw new ProtocolException("an extension was selected that was never offered: " + headers);
        }
        if (extensions.size() > 1) throw new ProtocolException("more than one extension was selected: " + headers);

        boolean clientContextTakeover = offered.clientContextTakeover();
        boolean serverContextTakeover = true;
        int clientWindowBits = offered.clientMaxWindowBits();
        int serverWindowBits = MAX_WINDOW_BITS;
        for (Map.Entry<String, @Nullable String> parameter : selected.parameters.entrySet()) {
            String value = parameter.getValue();
            switch (parameter.getKey()) {
                case CLIENT_NO_CONTEXT_TAKEOVER:
                    requireNoValue(parameter.getKey(), value);
                    clientContextTakeover = false;
                    break;
                case SERVER_NO_CONTEXT_TAKEOVER:
                    requireNoValue(parameter.getKey(), value);
                    serverContextTakeover = false;
                    break;
                case CLIENT_MAX_WINDOW_BITS:
                    clientWindowBits = windowBits(parameter.getKey(), value, offered.clientMaxWindowBits());
                    break;
                case SERVER_MAX_WINDOW_BITS:
                    serverWindowBits = windowBits(parameter.getKey(), value, offered.serverMaxWindowBits());
                    break;
                default:
                    throw new ProtocolException(NAME + " has no parameter " + parameter.getKey());
            }
        }
        if (serverContextTakeover && !offered.serverContextTakeover()) {
            throw new ProtocolException(SERVER_NO_CONTEXT_TAKEOVER + " was asked for and not accepted");
        }
        if (serverWindowBits > offered.serverMaxWindowBits()) {
            throw new ProtocolException(
                    SERVER_MAX_WINDOW_BITS + '=' + offered.serverMaxWindowBits() + " was asked for and not accepted");
        }
        return new PermessageDeflate(
                zlib, offered.thresholdBytes(), clientContextTakeover, serverContextTakeover, clientWindowBits);
    }

    private static void requireNoValue(String parameter, @Nullable String value) throws ProtocolException {
        if (value != null) throw new ProtocolException(parameter + " must have no value, but had " + value);
    }

    /** Reads a decimal number from 8 to 15 without leading zeros, at most what was offered (RFC 7692 section 7.1.2). */
    private static int windowBits(String parameter, @Nullable String value, int offered) throws ProtocolException {
        for (int bits = MIN_WINDOW_BITS; bits <= offered; bits++) {
            if (Integer.toString(bits).equals(value)) return bits;
        }
        throw new ProtocolException(parameter + " must be between 8 and " + offered + ", but was " + value);
    }

    /** Creates an inflater for the server's messages. The caller closes it. */
    MessageInflater newInflater() {
        return new MessageInflater(zlib.newInflater(), serverContextTakeover);
    }

    /** Creates a deflater for our messages. The caller closes it. */
    MessageDeflater newDeflater() {
        return new MessageDeflater(zlib.newDeflater(), clientContextTakeover, clientWindowBits);
    }
}

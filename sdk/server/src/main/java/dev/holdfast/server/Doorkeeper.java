package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The decision of who may connect: by the origin of a page, and by the credential of the request. */
final class Doorkeeper {
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int UNAVAILABLE = 503;

    private static final String BEARER = "Bearer ";

    private final ServerContext context;

    Doorkeeper(ServerContext context) {
        this.context = context;
    }

    /** Decides on a WebSocket that offers these subprotocols. */
    Admission admit(Collection<String> subprotocols, @Nullable String origin, @Nullable String authorization) {
        if (!subprotocols.contains(HoldfastServer.SUBPROTOCOL)) {
            return new Admission.Refused(
                    BAD_REQUEST, CloseCodes.PROTOCOL_ERROR, "speaks " + HoldfastServer.SUBPROTOCOL + " only");
        }
        Admission.Refused refused = refuse(origin, authorization);
        return refused == null ? grant(authorization) : refused;
    }

    /** Returns null for a client that may connect. */
    Admission.@Nullable Refused refuse(@Nullable String origin, @Nullable String authorization) {
        try {
            return check(origin, authorization);
        } catch (Throwable e) {
            // Of any kind: it is the application's, and the request needs an answer.
            context.failed(e);
            return new Admission.Refused(UNAVAILABLE, CloseCodes.INTERNAL_ERROR, "the server failed");
        }
    }

    /** Returns whether a page of an origin may not connect. May throw what the application throws. */
    boolean forbids(@Nullable String origin) {
        return origin != null && !context.options.origins().test(origin);
    }

    private Admission.@Nullable Refused check(@Nullable String origin, @Nullable String authorization) {
        if (forbids(origin)) {
            return new Admission.Refused(FORBIDDEN, CloseCodes.FORBIDDEN, "not from that origin");
        }
        JsonNode bearer = bearer(authorization);
        // Without a bearer token the open envelope may still carry a credential.
        if (bearer == null) return null;
        Authenticator.Outcome outcome = context.options.authenticator().authenticate(bearer);
        if (outcome instanceof Authenticator.Unauthenticated refused) {
            return new Admission.Refused(UNAUTHORIZED, CloseCodes.UNAUTHENTICATED, refused.message());
        }
        return outcome instanceof Authenticator.Forbidden refused
                ? new Admission.Refused(FORBIDDEN, CloseCodes.FORBIDDEN, refused.message())
                : null;
    }

    /** Lets a client in that was not refused, unless the server is closing. */
    Admission grant(@Nullable String authorization) {
        return context.leaving
                ? new Admission.Refused(UNAVAILABLE, CloseCodes.RESTART, "the server is closing")
                : new Admission.Granted(context, bearer(authorization));
    }

    /** Returns the token of an {@code Authorization} header, RFC 6750 section 2.1, or null if it holds none. */
    private static @Nullable JsonNode bearer(@Nullable String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? TextNode.valueOf(authorization.substring(BEARER.length()).trim())
                : null;
    }
}

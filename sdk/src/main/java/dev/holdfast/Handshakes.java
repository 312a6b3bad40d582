package dev.holdfast;

import dev.holdfast.internal.session.Attempt;
import java.util.ArrayList;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** The opening handshake of each attempt: where to, with which credential, and from where in the server's stream. */
final class Handshakes {
    private final List<Request> endpoints;

    private final Session session;

    Handshakes(List<Request> endpoints, Session session) {
        this.endpoints = new ArrayList<>(endpoints);
        this.session = session;
    }

    Request request(Attempt attempt) {
        Request endpoint = endpoints.get(attempt.endpoint());
        String moved = attempt.url();
        if (moved != null) endpoint = moved(endpoint, moved);
        String last = attempt.last();
        if (last != null) endpoint = session.handshake(endpoint, last);
        Credential credential = attempt.credential();
        return credential == null ? endpoint : authorized(endpoint, credential);
    }

    /** A server may name another, but not one to which the credential would go in clear. */
    private static Request moved(Request endpoint, String url) {
        Request moved;
        try {
            moved = endpoint.newBuilder().url(url).build();
        } catch (IllegalArgumentException e) {
            return endpoint;
        }
        return endpoint.isHttps() && !moved.isHttps() ? endpoint : moved;
    }

    private Request authorized(Request request, Credential credential) {
        switch (credential.place()) {
            case HEADER:
                try {
                    return request.newBuilder()
                            .header(credential.name(), credential.value())
                            .build();
                } catch (IllegalArgumentException e) {
                    // Its text would hold the credential.
                    throw new IllegalArgumentException(credential + " has characters that no header can hold");
                }
            case QUERY:
                HttpUrl url = request.url()
                        .newBuilder()
                        .setQueryParameter(credential.name(), credential.value())
                        .build();
                return request.newBuilder().url(url).build();
            default:
                if (!session.isResumable()) {
                    throw new IllegalArgumentException("a credential in the first envelope needs a resumable session");
                }
                return request;
        }
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Credential;
import org.jspecify.annotations.Nullable;

/** One attempt to connect: where to, and with what. Immutable. */
public final class Attempt {
    private final long connection;
    private final int endpoint;
    private final @Nullable String url;
    private final @Nullable Credential credential;

    private final @Nullable String last;

    Attempt(
            long connection,
            int endpoint,
            @Nullable String url,
            @Nullable Credential credential,
            @Nullable String last) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.url = url;
        this.credential = credential;
        this.last = last;
    }

    /** The number that every event of the connection bears. */
    public long connection() {
        return connection;
    }

    /** Which of the client's endpoints, counted from 0. */
    public int endpoint() {
        return endpoint;
    }

    /** Where the server sends us in the endpoint's place, null for nowhere else. */
    public @Nullable String url() {
        return url;
    }

    /** What the application's supplier gave for it, null where it has none. Never for a log. */
    public @Nullable Credential credential() {
        return credential;
    }

    /** The id of the last message that the client has, null for none. */
    public @Nullable String last() {
        return last;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Credential;
import org.jspecify.annotations.Nullable;

/** One attempt to connect: its endpoint and its credential. Immutable. */
public final class Attempt {
    private final long connection;
    private final int endpoint;
    private final @Nullable Object supplied;
    private final @Nullable String url;
    private final @Nullable Credential credential;

    private final @Nullable String last;

    Attempt(
            long connection,
            int endpoint,
            @Nullable Object supplied,
            @Nullable String url,
            @Nullable Credential credential,
            @Nullable String last) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.supplied = supplied;
        this.url = url;
        this.credential = credential;
        this.last = last;
    }

    /** Returns the number that every event of the connection carries. */
    public long connection() {
        return connection;
    }

    /** Returns the index of the client's endpoint, counted from 0. */
    public int endpoint() {
        return endpoint;
    }

    /** Returns the endpoint provider's answer for this attempt, null without a provider. Never log it. */
    public @Nullable Object supplied() {
        return supplied;
    }

    /** Returns the URL that the server named in place of the endpoint, null for none. */
    public @Nullable String url() {
        return url;
    }

    /** Returns the credential provider's answer for this attempt, null without a provider. Never log it. */
    public @Nullable Credential credential() {
        return credential;
    }

    /** Returns the id of the last message that the client has, null for none. */
    public @Nullable String last() {
        return last;
    }
}

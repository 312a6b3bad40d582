package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** The first envelope of a connection, {@code docs/protocol.md} section 3. */
public final class Open {
    /** The session to resume; null for a new one. */
    public final @Nullable String sid;
    /** The secret that belongs to it. Never for a log. */
    public final @Nullable String key;
    /** The newest entry of the server's stream that is here; null where there is none. */
    public final @Nullable String last;
    /** Never for a log. Null where the credential is shown otherwise, or there is none. */
    public final @Nullable String auth;

    /** What is null is left out. */
    public Open(@Nullable String sid, @Nullable String key, @Nullable String last, @Nullable String auth) {
        this.sid = sid;
        this.key = key;
        this.last = last;
        this.auth = auth;
    }

    /** Without a session, from the last message on. */
    public static Open after(String last) {
        return new Open(null, null, last, null);
    }
}

package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** The first envelope of a connection, {@code docs/protocol.md} section 3. */
public final class Open {
    /** The id of the session to resume; null for a new one. */
    public final @Nullable String sid;
    /** The secret of the session. Never log it. */
    public final @Nullable String key;
    /** The newest entry of the server's stream that the client has; null for none. */
    public final @Nullable String last;
    /** The credential, null if the handshake carries it or there is none. Never log it. */
    public final @Nullable String auth;

    /** Creates an envelope that leaves out what is null. */
    public Open(@Nullable String sid, @Nullable String key, @Nullable String last, @Nullable String auth) {
        this.sid = sid;
        this.key = key;
        this.last = last;
        this.auth = auth;
    }

    /** Returns an envelope without a session that asks for the messages after {@code last}. */
    public static Open after(String last) {
        return new Open(null, null, last, null);
    }
}

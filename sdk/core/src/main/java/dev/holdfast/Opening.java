package dev.holdfast;

import java.util.Objects;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A report that a connection is ready for messages: the server has accepted the upgrade, and in a resumable session the replay
 * is over. {@link HoldfastListener#onOpen} and {@link HoldfastClient#opened} give it, with the response headers and whether a
 * session was resumed. Immutable.
 */
public final class Opening {
    private final Headers responseHeaders;
    private final boolean resumed;
    private final long replayedMessages;
    private final int attempt;
    private final boolean overHttp;

    /**
     * Creates an opening; an application needs this in tests only.
     *
     * @param responseHeaders see {@link #responseHeaders}
     * @param resumed see {@link #isResumed}
     * @param replayedMessages see {@link #replayedMessages}
     * @param attempt see {@link #attempt}
     */
    public Opening(Headers responseHeaders, boolean resumed, long replayedMessages, int attempt) {
        this(responseHeaders, resumed, replayedMessages, attempt, false);
    }

    /**
     * Creates an opening of any carrier; an application needs this in tests only.
     *
     * @param responseHeaders see {@link #responseHeaders}
     * @param resumed see {@link #isResumed}
     * @param replayedMessages see {@link #replayedMessages}
     * @param attempt see {@link #attempt}
     * @param overHttp see {@link #isOverHttp}
     */
    public Opening(Headers responseHeaders, boolean resumed, long replayedMessages, int attempt, boolean overHttp) {
        this.overHttp = overHttp;
        this.responseHeaders = Objects.requireNonNull(responseHeaders, "responseHeaders");
        this.resumed = resumed;
        this.replayedMessages = replayedMessages;
        this.attempt = attempt;
    }

    /** {@return the headers of the server's response to the upgrade (RFC 6455 section 4.2.2)} */
    public Headers responseHeaders() {
        return responseHeaders;
    }

    /** {@return the subprotocol that the server selected; null if it selected none} */
    public @Nullable String subprotocol() {
        return responseHeaders.get("Sec-WebSocket-Protocol");
    }

    /**
     * {@return the extensions that client and server agreed on, as in the header {@code Sec-WebSocket-Extensions}:
     * {@code permessage-deflate; client_no_context_takeover}} Null if there are none.
     */
    public @Nullable String extensions() {
        return responseHeaders.get("Sec-WebSocket-Extensions");
    }

    /**
     * {@return whether an earlier session goes on} False if the session is new, and always false if it is not a {@link
     * Session#resumable} one.
     */
    public boolean isResumed() {
        return resumed;
    }

    /**
     * {@return how many messages the server replayed, all of them already reported} 0 unless the session was resumed.
     */
    public long replayedMessages() {
        return replayedMessages;
    }

    /** {@return the number of attempts that it took, counted from 1 after the last opening} */
    public int attempt() {
        return attempt;
    }

    /** {@return whether plain HTTP carries the connection, and no WebSocket} Only a {@link Carrier} can cause it. */
    public boolean isOverHttp() {
        return overHttp;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Opening)) return false;
        Opening that = (Opening) other;
        return responseHeaders.equals(that.responseHeaders)
                && resumed == that.resumed
                && replayedMessages == that.replayedMessages
                && attempt == that.attempt
                && overHttp == that.overHttp;
    }

    @Override
    public int hashCode() {
        return Objects.hash(responseHeaders, resumed, replayedMessages, attempt, overHttp);
    }

    /** Returns a line for a log, without the headers: they may hold secrets. */
    @Override
    public String toString() {
        return (resumed ? "session resumed, " + replayedMessages + " replayed" : "open")
                + (overHttp ? " over HTTP" : "") + ", attempt " + attempt + ", subprotocol " + subprotocol()
                + ", extensions " + extensions();
    }
}

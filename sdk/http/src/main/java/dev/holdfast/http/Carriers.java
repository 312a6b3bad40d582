package dev.holdfast.http;

import dev.holdfast.Carrier;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * Carriers for {@link dev.holdfast.HoldfastClientBuilder#carrier}. {@link #webSocketThenHttp} and {@link #httpOnly} are for networks
 * in which no WebSocket opens, as behind some proxies that inspect TLS: the server must speak {@code resume.v1.json} over HTTP as well, as
 * section 15 of {@code docs/protocol.md} describes. {@link #events} and {@link #polling} receive from servers that have no WebSockets.
 *
 * <p>Requests go through the client's {@code OkHttpClient}: its proxy, TLS, interceptors, cookies and HTTP/2 apply. They have the
 * headers of the opening handshake, and follow no redirect.
 */
public final class Carriers {
    private Carriers() {}

    /**
     * {@return a carrier that uses WebSockets, and plain HTTP on networks where these do not open} It takes HTTP if an upgrade
     * is answered wrongly, or if two WebSockets in a row end before their first message, and only if the server answers a
     * plain request. A server that is down changes nothing. It tries a WebSocket again after a minute, then at growing
     * intervals of up to an hour, and when the {@link dev.holdfast.NetworkMonitor} reports another network; the session then
     * moves without a gap.
     */
    public static Carrier webSocketThenHttp() {
        return Carrier.of(FallbackTransport::new);
    }

    /** {@return a carrier that uses plain HTTP alone} It asks for no WebSocket. */
    public static Carrier httpOnly() {
        return Carrier.of(HttpTransport::new);
    }

    /**
     * {@return a carrier that receives server-sent events, from any server that has them} A client with it only receives: a message
     * that it sends ends as {@link dev.holdfast.Outcome.Reason#READ_ONLY}. Each event's data is a text message. Its name ({@code event}) is
     * not reported. With {@link dev.holdfast.ResumeFrom#eventId} the client sends the last id when it connects again; with {@link
     * dev.holdfast.Session#none} it does not.
     *
     * <p>If the server ends a stream in order, the client asks for the next one after the time that the server names with {@code retry} (at
     * most a day, 3 s if it names none) and up to a quarter more, and stays {@link dev.holdfast.ClientState#OPEN}. Any other end is a
     * lost connection, and that time comes on top of the backoff. HTTP 204 stops the client, unless the {@link
     * dev.holdfast.ReconnectPolicy} says otherwise.
     */
    public static Carrier events() {
        return Carrier.of(new FeedTransport.Factory(0));
    }

    /**
     * {@return a carrier that asks the server again and again, for servers without server-sent events} As {@link #events}, but for what
     * follows. An answer may be a stream of events, or its whole body is one text message. An empty body, HTTP 204 and 304 bring
     * nothing. With {@link dev.holdfast.ResumeFrom#jsonPointer} or {@link dev.holdfast.ResumeFrom#idFrom} each request has the id of
     * the message before it.
     *
     * <p>An answer's {@code ETag} goes back in {@code If-None-Match}, until the connection is lost. The first request after that has
     * no tag: a message without an id may come twice.
     *
     * <p>The client is open from the first answer on. A request that fails, or that is not answered within the time limit for
     * connecting, is a lost connection.
     *
     * @param interval the time between an answer and the next request, positive; more if the answer has {@code Retry-After}
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    public static Carrier polling(Duration interval) {
        return Carrier.of(new FeedTransport.Factory(Durations.positiveNanos("interval", interval)));
    }
}

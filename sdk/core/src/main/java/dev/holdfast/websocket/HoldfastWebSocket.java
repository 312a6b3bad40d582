package dev.holdfast.websocket;

import dev.holdfast.internal.DoNotImplement;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import okhttp3.WebSocket;
import okio.Source;

/**
 * A {@link WebSocket} that can also send a message without having it in memory, and measure the round trip. Safe from any
 * thread. Only the SDK implements it.
 */
@DoNotImplement
public interface HoldfastWebSocket extends WebSocket {
    /**
     * Sends a text message of unknown length as fragments (RFC 6455 section 5.4), behind the messages queued already.
     *
     * <p>Blocks until the writer has taken the last fragment; the writer takes at most a few fragments before they can be
     * written. Do not call this method on a main thread or in a listener. Leaves {@code utf8} open.
     *
     * <p>The close frame of {@link #close} goes out behind the message. A source that never ends therefore keeps the web
     * socket open until {@link #cancel}.
     *
     * @param utf8 the text, encoded as UTF-8
     * @throws java.nio.charset.CharacterCodingException if {@code utf8} is not UTF-8
     * @throws IOException if the source fails, the thread is interrupted, or the web socket is closing or has ended. If some
     *     of the message has gone out by then, the web socket closes with code 1011, because nothing else could follow
     */
    void sendText(Source utf8) throws IOException;

    /**
     * Sends a binary message of unknown length. Otherwise like {@link #sendText}.
     *
     * @param bytes the payload, read to its end and left open
     * @throws IOException as {@link #sendText} does, except for bytes that are not UTF-8
     */
    void sendBinary(Source bytes) throws IOException;

    /**
     * Sends a ping (RFC 6455 section 5.5.2) ahead of queued messages and measures the time until its pong. Before the web
     * socket is open, the ping waits.
     *
     * <p>The time is counted from this call. It includes the wait for the opening handshake and for a frame that is being
     * written. At most 16 pings may wait for their pongs.
     *
     * @return a future of the round trip. It completes on an I/O thread, which dependent actions must not block. It fails
     *     with an {@link IOException} if the web socket is closing or has ended, if it ends before the pong comes in, or if
     *     16 pings wait for their pongs already
     */
    CompletableFuture<Duration> ping();

    /**
     * Returns the payload bytes, before compression, of messages that were accepted and have not been given to the socket.
     * Text counts with its length in UTF-8. Control frames and frame headers do not count.
     *
     * <p>A message counts from the call of {@code send} until all of it has been given to the operating system. A message
     * from a {@link Source} counts with what has been read of it, and each fragment until that has been given to the
     * operating system. Before the web socket is open, everything that was sent counts. After {@link #cancel} or a failure,
     * messages that did not go out still count.
     *
     * @see HoldfastWebSockets.Builder#maxQueueBytes
     */
    @Override
    long queueSize();
}

package dev.holdfast.benchmarks.client;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** {@link HoldfastClient}, with or without {@code resume.v1.json}. */
final class HoldfastSessionClient implements Client {
    /** The size of two batches of the largest messages. */
    private static final int QUEUE_BYTES = 64 * 1024 * 1024;

    /** No backoff: the benchmark measures the time to reconnect, not the time that a client is made to wait. */
    private static final Backoff NO_BACKOFF =
            Backoff.exponential(Duration.ofNanos(1), Duration.ofNanos(1)).withoutJitter();

    /** Longer than any case, because the other clients do not ping. */
    private static final Heartbeat HEARTBEAT = Heartbeat.every(Duration.ofHours(1));

    private final OkHttpClient okHttpClient = new OkHttpClient();
    private final boolean resumable;

    private HoldfastSessionClient(boolean resumable) {
        this.resumable = resumable;
    }

    static Client withoutSession() {
        return new HoldfastSessionClient(false);
    }

    static Client resumable() {
        return new HoldfastSessionClient(true);
    }

    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        CompletableFuture<HoldfastClient> open = new CompletableFuture<>();
        HoldfastClient client = HoldfastClient.builder(uri.toString())
                .session(resumable ? Session.resumable() : Session.none())
                .okHttpClient(okHttpClient)
                .queue(OutboundQueue.ofBytes(QUEUE_BYTES))
                .backoff(NO_BACKOFF)
                .heartbeat(HEARTBEAT)
                .listener(new Listener(receiver, open))
                .build();
        client.connect();
        open.get(10, TimeUnit.SECONDS);
        return new HoldfastConnection(client);
    }

    @Override
    public void close() {
        okHttpClient.dispatcher().executorService().shutdown();
        okHttpClient.connectionPool().evictAll();
    }

    private static final class Listener implements HoldfastListener {
        private final Receiver receiver;
        private final CompletableFuture<HoldfastClient> open;

        Listener(Receiver receiver, CompletableFuture<HoldfastClient> open) {
            this.receiver = receiver;
            this.open = open;
        }

        @Override
        public void onState(HoldfastClient client, ClientState state) {
            if (state == ClientState.OPEN) open.complete(client);
        }

        @Override
        public void onMessage(HoldfastClient client, Message message) {
            if (message.isBinary()) {
                receiver.onBinary(message.bytes().size());
            } else {
                receiver.onText(message.text());
            }
        }

        @Override
        public void onClosed(HoldfastClient client, CloseReason reason) {
            open.completeExceptionally(new IllegalStateException(reason.toString()));
        }
    }

    private static final class HoldfastConnection implements Connection {
        private final HoldfastClient client;
        private final LastByteString last = new LastByteString();

        HoldfastConnection(HoldfastClient client) {
            this.client = client;
        }

        @Override
        public void sendText(String text) {
            check(client.send(text).outcomeNow());
        }

        @Override
        public void sendBinary(byte[] bytes) {
            check(client.send(last.of(bytes)).outcomeNow());
        }

        private static void check(@Nullable Outcome outcome) {
            if (outcome != null && !outcome.isSuccess()) throw new IllegalStateException(outcome.toString());
        }

        @Override
        public void close() {
            client.cancel();
        }
    }
}

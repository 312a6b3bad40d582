package dev.holdfast.sample.android;

import android.os.Looper;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.StreamMessage;
import java.util.function.BooleanSupplier;
import org.robolectric.Shadows;

/** The reference server, which echoes here, and the waiting for it while the main thread's looper runs. */
final class EchoServer implements AutoCloseable {
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    final ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());

    EchoServer() {
        server.onMessage((session, seq, payload) ->
                HandlerResult.accepted(StreamMessage.json(((Payload.Json) payload).value())));
    }

    String url() {
        return server.url();
    }

    @Override
    public void close() {
        server.close();
    }

    /** Runs what is posted to the main thread until the condition holds. */
    static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("did not happen within 20 s");
            Thread.sleep(10);
            Shadows.shadowOf(Looper.getMainLooper()).idle();
        }
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;

/** A resumable session and a server that does not speak the protocol. */
class UnselectedSubprotocolTest {
    @Test
    void theFailureNamesTheCureAndTheClientStops() throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            for (int i = 0; i < 5; i++) {
                server.enqueue(new MockResponse.Builder()
                        .webSocketUpgrade(new WebSocketListener() {})
                        .build());
            }
            server.start();
            BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();
            CountDownLatch idle = new CountDownLatch(1);
            HoldfastClient client = HoldfastClient.builder(
                            server.url("/").toString().replace("http", "ws"))
                    .session(Session.resumable())
                    .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(2)))
                    .listener(new HoldfastListener() {
                        @Override
                        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
                            failures.add(failure);
                        }

                        @Override
                        public void onState(HoldfastClient from, ClientState state) {
                            if (state == ClientState.IDLE) idle.countDown();
                        }
                    })
                    .build();
            client.connect();
            for (boolean retries : List.of(true, true, false)) {
                ConnectionFailure failure = failures.poll(10, TimeUnit.SECONDS);
                assertEquals(retries, failure.willRetry());
                assertTrue(
                        failure.toString()
                                .contains("the server did not select the subprotocol resume.v1.json: use"
                                        + " Session.none(), or add resume.v1.json to the server"),
                        failure.toString());
            }
            assertTrue(idle.await(10, TimeUnit.SECONDS));
            assertEquals(3, server.getRequestCount());
            client.cancel();
        }
    }
}

package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Carrier;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many numbered messages from a server whose answers break off and that restarts: each comes once and in order. */
@Timeout(300)
class FeedNumbersTest {
    private static final int MANY = 10_000;
    private static final Session EVENTS = Session.resumeFrom(ResumeFrom.eventId());

    private final FeedHarness harness = new FeedHarness();

    @AfterEach
    void stop() {
        harness.close();
    }

    private void receive(String path, Carrier carrier, Session session, int count) throws Exception {
        try (NumbersServer server = new NumbersServer(count, 1)) {
            harness.connect(server.url(path), carrier, session);
            for (int i = 1; i <= count; i++) {
                assertEquals(Integer.toString(i), harness.next().id());
                if (i % 2_500 == 300) server.restart();
            }
            assertTrue(server.cuts.get() > 0 && !harness.failures.isEmpty(), server.cuts + " cuts");
            harness.close();
        }
        assertTrue(harness.messages.isEmpty(), harness.messages.toString());
    }

    @Test
    void events() throws Exception {
        receive("/events", Carriers.events(), EVENTS, MANY);
    }

    @Test
    void pollsThatBringEvents() throws Exception {
        receive("/events", Carriers.polling(Duration.ofMillis(1)), EVENTS, MANY);
    }

    @Test
    void pollsThatBringOneEach() throws Exception {
        Session session = Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("after"));
        receive("/latest", Carriers.polling(Duration.ofMillis(1)), session, 500);
    }
}

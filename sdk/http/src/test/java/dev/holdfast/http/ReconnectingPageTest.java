package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/reconnecting.md} about HTTP; the core's tests check that it is the page's. */
class ReconnectingPageTest {
    @Test
    void builds() {
        // reconnecting
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable())
                .carrier(Carriers.webSocketThenHttp())
                .build();
        // end
        assertEquals(ClientState.IDLE, client.state());
        client.cancel();
    }

    @Test
    void receives() {
        // reconnecting
        HoldfastClient events = HoldfastClient.builder("https://example.com/events")
                .session(Session.resumeFrom(ResumeFrom.eventId()))
                .carrier(Carriers.events())
                .build();
        // end
        // reconnecting
        HoldfastClient polling = HoldfastClient.builder("https://example.com/news")
                .session(Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("after")))
                .carrier(Carriers.polling(Duration.ofSeconds(10)))
                .build();
        // end
        assertEquals(ClientState.IDLE, events.state());
        events.cancel();
        polling.cancel();
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The examples of resuming from the last message id in {@code docs/sessions.md}, compiled; and the check that they are those. */
class LastMessageIdSnippetsTest {
    // spotless:off
    HoldfastClient parameter() {
        // snippet
        HoldfastClient client = HoldfastClient.builder("wss://example.com/feed?since=0")
                .session(Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("since")))
                .build();
        // end
        return client;
    }

    Session header() {
        // snippet
        Session session = Session.resumeFrom(ResumeFrom.jsonPointer("/meta/seq").inHeader("Last-Event-ID"));
        // end
        return session;
    }

    Session message() {
        // snippet
        Session session = Session.resumeFrom(ResumeFrom.jsonPointer("/id")
                .firstMessage(last -> Map.of("op", "subscribe", "channel", "prices", "after", last))
                .withRememberedIds(5_000));
        // end
        return session;
    }

    HoldfastClient nchan() {
        // snippet
        HoldfastClient nchan = HoldfastClient.builder(new Request.Builder()
                        .url("https://example.com/subscribe?channels=prices,news")
                        .header("Sec-WebSocket-Protocol", "ws+meta.nchan")
                        .build())
                .session(Session.resumeFrom(ResumeFrom.idFrom(
                                text -> text.startsWith("id: ") ? text.substring(4, text.indexOf('\n')) : null)
                        .inHeader("Last-Event-ID")))
                .build();
        // end
        return nchan;
    }

    HoldfastListener subscriber() {
        // snippet
        HoldfastListener listener = new HoldfastListener() {
            private boolean began;

            @Override
            public void onState(HoldfastClient client, ClientState state) {
                if (state == ClientState.OPEN && !began) client.send(Map.of("op", "subscribe", "channel", "prices"));
            }

            @Override
            public void onMessage(HoldfastClient client, Message message) {
                if (message.id() != null) began = true;
            }
        };
        // end
        return listener;
    }

    // spotless:on

    Session stored(String storedId) {
        // snippet
        Session session = Session.resumeFrom(
                ResumeFrom.jsonPointer("/id").inQuery("since").withStart(storedId));
        // end
        return session;
    }

    Session stale() {
        // snippet
        Session session = Session.resumeFrom(
                ResumeFrom.jsonPointer("/id").inQuery("since").withStaleCodes(410, 1008));
        // end
        return session;
    }

    @Test
    void areThePages() throws IOException {
        List<String> documented = SnippetsTest.blocks(Path.of("..", "..", "docs", "sessions.md"), "```java", "```");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "LastMessageIdSnippetsTest.java");
        documented = documented.subList(documented.size() - 7, documented.size());
        assertEquals(
                String.join("\n\n", documented),
                String.join("\n\n", SnippetsTest.blocks(source, "// snippet", "// end")));
    }
}

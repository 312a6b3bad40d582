package dev.holdfast.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.sample.node.Programs;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server's page in Chromium: connections are cut while it sends, and nothing is lost, doubled or out of order. */
@Timeout(300)
class PageIT {
    private static final int MESSAGES = 600;

    private static final String SEND = """
            (async () => {
                for (let i = 1; i <= %d; i++) {
                    document.getElementById('text').value = 'm' + i;
                    document.getElementById('form').requestSubmit();
                    if (i %% 10 === 0) await new Promise(resolve => setTimeout(resolve, 40));
                }
            })()""";

    @TempDir
    private Path profile;

    private static ReferenceServer start(int port, SessionStore store) {
        ReferenceServer server = ReferenceServer.start(
                ReferenceServer.Options.defaults().withPort(port).withStore(store));
        server.onMessage((session, seq, payload) ->
                HandlerResult.accepted(StreamMessage.json(((Payload.Json) payload).value())));
        return server;
    }

    @Test
    void nothingIsLostWhenConnectionsAreCut() throws Exception {
        boolean required = Boolean.getBoolean("interop.required");
        boolean installed = Programs.find(Browser.PROGRAM).isPresent();
        if (!installed && !required) System.out.println("skipped: " + Programs.missing(Browser.PROGRAM));
        assertTrue(installed || !required, () -> Programs.missing(Browser.PROGRAM));
        assumeTrue(installed, () -> Programs.missing(Browser.PROGRAM));

        SessionStore store = SessionStore.inMemory();
        ReferenceServer server = start(0, store);
        int port = server.port();
        try (Browser browser = new Browser(profile, "http://127.0.0.1:" + port + "/")) {
            browser.await("typeof $ === 'function' && $('state').textContent === 'OPEN'");
            CompletableFuture<JsonNode> sending = browser.evaluate(SEND.formatted(MESSAGES));
            browser.await("lines.length > 50");
            server.dropConnections();
            browser.await("$('count').textContent === '2'");
            assertEquals("", browser.evaluate("$('cut').click() || ''").get().asText());
            browser.await("$('count').textContent === '3'");
            server.close();
            server = start(port, store);
            sending.get();
            browser.await("$('received').children.length >= " + MESSAGES + " && acked >= " + MESSAGES);

            assertEquals(expected(), texts(browser, "received"));
            assertEquals(expected(), texts(browser, "sent"));
            assertEquals(
                    0,
                    browser.evaluate("document.querySelectorAll('.lost, .unsure').length")
                            .get()
                            .asInt());
            assertEquals("4", browser.evaluate("$('count').textContent").get().asText());
        } finally {
            server.close();
        }
    }

    private static List<String> expected() {
        return IntStream.rangeClosed(1, MESSAGES).mapToObj(i -> "m" + i).toList();
    }

    private static List<String> texts(Browser browser, String list) throws Exception {
        JsonNode texts = browser.evaluate("[...$('" + list + "').children].map(li => li.textContent)")
                .get();
        return StreamSupport.stream(texts.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}

package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that names the last id it has, against a server in memory. */
class HistoryServerTest {
    private static final ResumeFrom.Place ID = ResumeFrom.jsonPointer("/id");

    record Way(String name, Function<VirtualTime, TestServer> server, Session session) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(
                new Way(
                        "header",
                        time -> TestServer.lastIdInHandshake(time, "/id", request -> request.header("Last-Event-ID")),
                        Session.resumeFrom(ID.inHeader("Last-Event-ID"))),
                new Way(
                        "query",
                        time -> TestServer.lastIdInHandshake(
                                time, "/id", request -> request.url().queryParameter("since")),
                        Session.resumeFrom(ID.inQuery("since"))),
                new Way(
                        "message",
                        time -> TestServer.lastIdInMessage(time, "/id", "/after"),
                        Session.resumeFrom(ID.firstMessage(last -> Map.of("after", last)))));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatWasMissedComesBehindACut(Way way) {
        VirtualTime time = new VirtualTime();
        TestServer server = way.server.apply(time);
        RecordingListener listener = new RecordingListener(time);
        HoldfastClientBuilder builder = server.builder().session(way.session).listener(listener);
        HoldfastClient client = builder.build();
        client.connect();
        server.accept().sendJson("{\"id\":1}").sendJson("{\"id\":2}");
        listener.awaitText();
        listener.awaitText();
        server.cut().sendJson("{\"id\":3}").sendJson("{\"id\":4}");
        listener.awaitFailure();
        client.send("meanwhile");
        server.accept().sendJson("{\"id\":5}");
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("{\"id\":1}", "{\"id\":2}", "{\"id\":3}", "{\"id\":4}", "{\"id\":5}"), listener.texts());
        assertEquals("meanwhile", server.takeText());
        server.assertNothingReceived();
        // The history is gone: what comes next is all there is.
        server.restartLosingLog().sendJson("{\"id\":6}").accept();
        time.advance(Duration.ofSeconds(1));
        assertEquals("{\"id\":6}", listener.texts().get(5));
    }

    @Test
    void aMessageNeedsAnIdOfItsOwn() {
        TestServer server = TestServer.lastIdInHandshake(new VirtualTime(), "/id", request -> null);
        server.sendJson("{\"id\":1}");
        assertThrows(IllegalArgumentException.class, () -> server.sendJson("{\"id\":1}"));
        assertThrows(IllegalArgumentException.class, () -> server.sendJson("{}"));
        assertThrows(IllegalArgumentException.class, () -> server.send("not JSON"));
    }
}

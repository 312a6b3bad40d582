package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The parser of streams of events. */
class EventStreamTest {
    private final List<String> told = new ArrayList<>();

    private EventStream stream(long max) {
        return new EventStream(max, new EventStream.Handler() {
            @Override
            public void onEvent(String name, Buffer data, @Nullable String id) {
                told.add(name + "|" + data.readUtf8() + (id == null ? "" : "|" + id));
            }

            @Override
            public void onId(String id) {
                told.add("id " + id);
            }

            @Override
            public void onRetry(long millis) {
                told.add("retry " + millis);
            }

            @Override
            public void onComment() {
                told.add("comment");
            }
        });
    }

    @Test
    void readsWhatTheStandardSays() throws IOException {
        String text = """
                : hello
                data: {"é":1}

                event: pong\r
                data: 7\r
                \r
                data:one
                data:  two
                data:

                id: 4
                retry: 10

                event: nothing

                data

                event: close
                data: 4409 taken over

                data: without an end
                """;
        List<String> expected = List.of(
                "comment", "|{\"é\":1}", "pong|7", "|one\n two\n", "retry 10", "id 4", "|", "close|4409 taken over");
        ByteString bytes = ByteString.encodeUtf8(text);
        for (int cut = 0; cut <= bytes.size(); cut++) {
            told.clear();
            EventStream stream = stream(1000);
            stream.read(new Buffer().write(bytes.substring(0, cut)));
            stream.read(new Buffer().write(bytes.substring(cut)));
            assertEquals(expected, told, "cut at " + cut);
        }
        told.clear();
        EventStream stream = stream(1000);
        for (int i = 0; i < bytes.size(); i++) stream.read(new Buffer().write(bytes.substring(i, i + 1)));
        assertEquals(expected, told);
    }

    @Test
    void lineEndsMarksAndIds() throws IOException {
        String text = String.join(
                        "|",
                        "\ufeffid: 1\rdata: a\r\rid: 2\r\ndata: b\r\n\r\nid: 3\ndata:c\n",
                        "id: n\0l\ndata: d\n\nid\ndata: e\n\nretry: 1x\nretry:\nretry: 99999999999999999999\n\ufeffdata: f\n",
                        "i:5\nidentity: 6\n\nevent\ndata:\r\n\r")
                .replace("|", "\n");
        List<String> expected = List.of("|a|1", "|b|2", "|c|3", "|d", "|e|", "retry 999999999999", "|");
        ByteString bytes = ByteString.encodeUtf8(text);
        for (int cut = 0; cut <= bytes.size(); cut++) {
            told.clear();
            EventStream stream = stream(1000);
            stream.read(new Buffer().write(bytes.substring(0, cut)));
            stream.read(new Buffer().write(bytes.substring(cut)));
            assertEquals(expected, told, "cut at " + cut);
        }
    }

    @Test
    void anEventThatIsTooLongIsFoundBeforeItsEnd() throws IOException {
        EventStream stream = stream(100);
        stream.read(new Buffer().writeUtf8("data: " + "x".repeat(90)));
        ProtocolViolation tooBig =
                assertThrows(ProtocolViolation.class, () -> stream.read(new Buffer().writeUtf8("x".repeat(10))));
        assertEquals(ProtocolViolation.MESSAGE_TOO_BIG, tooBig.closeCode());
        EventStream lines = stream(100);
        Buffer many = new Buffer();
        for (int i = 0; i < 20; i++) many.writeUtf8("data: 0123456789\n");
        assertThrows(ProtocolViolation.class, () -> lines.read(many));
        assertEquals(List.of(), told);
    }
}

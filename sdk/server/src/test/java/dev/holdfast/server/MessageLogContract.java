package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.server.MessageLog.Entry;
import dev.holdfast.server.MessageLog.Place;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link MessageLog} does, wherever it keeps its messages. */
abstract class MessageLogContract {
    private MessageLog log;
    private String beginning;

    /** An empty log. */
    abstract MessageLog newLog(int limit) throws Exception;

    @BeforeEach
    void makeLog() throws Exception {
        log = newLog(4);
        beginning = log.lastId();
    }

    @Test
    void aPositionIsReadFromAndNeverIncluded() {
        assertEquals(List.of(), read(beginning));
        String a = append("a");
        String b = append("b");
        assertEquals(List.of(a, b), read(beginning));
        assertEquals(List.of(b), read(a));
        assertEquals(List.of(), read(b));
        assertEquals(b, log.lastId());
        assertEquals(1, log.readAfter(beginning, 1).entries().size());
        assertEquals(
                new StreamMessage.Json("a"),
                log.readAfter(beginning, 9).entries().get(0).message());
    }

    @Test
    void aReadEndsAfterSoManyBytes() {
        List<String> ids = new ArrayList<>();
        int[] sizes = {
            MessageLog.MAX_READ_BYTES / 2, MessageLog.MAX_READ_BYTES / 2 + 1, 2 * MessageLog.MAX_READ_BYTES, 1
        };
        for (int size : sizes) ids.add(append("1".repeat(size)));
        assertEquals(ids.subList(0, 2), read(beginning));
        assertEquals(ids.subList(1, 3), read(ids.get(0)));
        assertEquals(ids.subList(2, 3), read(ids.get(1)));
        assertEquals(ids.subList(3, 4), read(ids.get(2)));
    }

    @Test
    void aLongHistoryIsReadWhole() throws Exception {
        MessageLog large = newLog(100);
        String start = large.lastId();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) ids.add(large.append(new StreamMessage.Json("0")));
        for (int limit : new int[] {1, 4, 6, 8, 29, 30, 31}) {
            List<String> found = large.readAfter(start, limit).entries().stream()
                    .map(Entry::id)
                    .toList();
            assertEquals(ids.subList(0, Math.min(limit, 30)), found);
        }
    }

    @Test
    void whatIsTrimmedCannotBeReadAndItsEndStillCan() {
        String a = append("a");
        String b = append("b");
        String c = append("c");
        assertEquals(2, log.trimThrough(b));
        assertEquals(1, log.size());
        assertEquals(Place.TRIMMED, log.locate(beginning));
        assertEquals(Place.TRIMMED, log.readAfter(a, 9).place());
        assertTrue(log.readAfter(a, 9).entries().isEmpty());
        assertEquals(List.of(c), read(b));
        assertEquals(0, log.trimThrough(a), "further back than it is already");
        assertEquals(1, log.trimThrough(c));
        assertEquals(c, log.lastId());
        assertEquals(List.of(), read(c));
    }

    @Test
    void theOldestMakeRoom() {
        String a = append("a");
        append("b");
        append("c");
        append("d");
        assertEquals(4, read(beginning).size());
        append("e");
        assertEquals(4, log.size());
        assertEquals(Place.TRIMMED, log.locate(beginning));
        assertEquals(4, read(a).size());
    }

    @Test
    void whatTheLogNeverGaveOutIsForeign() {
        String a = append("a");
        List<String> foreign = new ArrayList<>(List.of("", "-", "1", "e2-1", "nonsense"));
        for (String ending : List.of("9", "x", "-1", "9".repeat(40))) foreign.add(a + ending);
        foreign.add(a.replace("-", "-0"));
        foreign.add(a.replace("-", "-+"));
        for (String id : foreign) {
            assertEquals(Place.FOREIGN, log.locate(id), id);
            assertEquals(Place.FOREIGN, log.readAfter(id, 9).place(), id);
            assertEquals(0, log.trimThrough(id), id);
        }
        assertFalse(log.isPosition("nonsense"));
        assertThrows(IllegalArgumentException.class, () -> log.compare("nonsense", a));
    }

    @Test
    void messagesComeBackAsTheyWere() {
        List<StreamMessage> messages = List.of(
                new StreamMessage.Json("{\"text\":\"Gr\u00fc\u00dfe \\u0000 1.10\"}"),
                new StreamMessage.Rejection((1L << 53) - 1, "full", "no \"room\" for\nit"));
        messages.forEach(log::append);
        byte[] bytes = {0, 1, -1, 13, 10};
        log.append(new StreamMessage.Binary(bytes));
        List<StreamMessage> read = log.readAfter(beginning, 9).entries().stream()
                .map(Entry::message)
                .toList();
        assertEquals(messages, read.subList(0, 2));
        assertArrayEquals(bytes, ((StreamMessage.Binary) read.get(2)).bytes());
    }

    @Test
    void idsAreOrderedByNumberAndFitForTheProtocol() throws Exception {
        MessageLog large = newLog(100);
        String previous = large.lastId();
        for (int i = 0; i < 20; i++) {
            String next = large.append(new StreamMessage.Json("0"));
            assertTrue(large.isPosition(next));
            assertTrue(next.matches("[0-9A-Za-z_.:-]{1,64}"));
            assertTrue(large.compare(previous, next) < 0);
            assertTrue(large.compare(next, previous) > 0);
            assertEquals(0, large.compare(next, next));
            previous = next;
        }
    }

    private String append(String text) {
        return log.append(new StreamMessage.Json(text));
    }

    private List<String> read(String position) {
        MessageLog.Read read = log.readAfter(position, 100);
        assertEquals(Place.HELD, read.place());
        return read.entries().stream().map(Entry::id).toList();
    }
}

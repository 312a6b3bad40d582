package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.server.MessageLog.Entry;
import dev.holdfast.sample.server.MessageLog.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryMessageLogTest {
    private final MessageLog log = new InMemoryMessageLog("e1", 4);
    private final String beginning = log.lastId();

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
        append("a");
        for (String id :
                List.of("", "e1-", "e1-2", "e1-01", "e1-+1", "e1--1", "e1-1x", "e2-1", "1", "e1-" + "9".repeat(40))) {
            assertEquals(Place.FOREIGN, log.locate(id), id);
            assertEquals(Place.FOREIGN, log.readAfter(id, 9).place(), id);
            assertEquals(0, log.trimThrough(id), id);
        }
        assertThrows(IllegalArgumentException.class, () -> log.compare("e2-1", "e1-1"));
    }

    @Test
    void idsAreOrderedByNumberAndFitForTheProtocol() {
        MessageLog large = new InMemoryMessageLog("e1", 100);
        String previous = large.lastId();
        for (int i = 0; i < 20; i++) {
            String next = large.append(new StreamMessage.Json("0"));
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

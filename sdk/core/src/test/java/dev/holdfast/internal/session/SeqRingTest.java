package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeqRingTest {
    private static final int OUTSTANDING = 65_536;

    private final SeqRing ring = new SeqRing();

    /** @param gap the largest distance between the seqs of two neighbours */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000})
    void doesWhatAListDoes(int gap) {
        Random random = new Random(gap);
        ArrayDeque<Outbound> model = new ArrayDeque<>();
        long lowest = 1_000_000;
        long highest = lowest;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(6)) {
                case 0:
                case 1:
                    highest += 1 + random.nextInt(gap);
                    Outbound next = numbered(highest);
                    ring.add(next);
                    model.add(next);
                    break;
                case 2:
                    lowest = (model.isEmpty() ? highest : model.element().seq()) - 1 - random.nextInt(gap);
                    Outbound before = numbered(lowest);
                    ring.addFirst(before);
                    model.addFirst(before);
                    if (model.size() == 1) highest = Math.max(highest, lowest);
                    break;
                case 3:
                    if (!model.isEmpty()) assertSame(model.remove(), ring.removeFirst());
                    break;
                default:
                    if (!model.isEmpty()) assertSame(model.removeLast(), ring.removeLast());
            }
            assertEquals(model.size(), ring.size());
            assertSame(model.peek(), ring.peek());
            if (!model.isEmpty()) highest = model.getLast().seq();
            if (step % 100 == 0) assertFindsAll(new ArrayList<>(model));
        }
    }

    private void assertFindsAll(List<Outbound> model) {
        if (model.isEmpty()) return;
        long first = model.get(0).seq();
        long last = model.get(model.size() - 1).seq();
        assertNull(ring.find(first - 1));
        assertNull(ring.find(last + 1));
        int at = 0;
        for (long seq = first; seq <= last; seq++) {
            boolean there = model.get(at).seq() == seq;
            assertSame(there ? model.get(at++) : null, ring.find(seq));
        }
        assertEquals(model.size(), at);
    }

    @Test
    void aRejectionOfEveryOutstandingMessageIsFoundAtOnce() {
        for (long seq = 1; seq <= OUTSTANDING; seq++) ring.add(numbered(seq));
        assertTimeout(Duration.ofSeconds(1), () -> {
            for (long seq = OUTSTANDING; seq >= 1; seq--)
                assertEquals(seq, ring.find(seq).seq());
        });
    }

    @Test
    void whatWasNeverAddedIsNotFound() {
        assertNull(ring.find(1));
        assertTrue(ring.isEmpty());
        assertNull(ring.peek());
    }

    private static Outbound numbered(long seq) {
        return new Outbound(Payload.text(""), 0, "receipt").restored(seq);
    }
}

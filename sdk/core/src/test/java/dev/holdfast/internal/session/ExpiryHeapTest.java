package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpiryHeapTest {
    @Test
    void theFirstIsTheFirstWhateverIsTakenOut() {
        Random random = new Random(1);
        ExpiryHeap heap = new ExpiryHeap();
        List<Outbound> model = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            // Grows and shrinks.
            int aim = round % 2 == 0 ? 200 : 0;
            while (model.size() != aim) {
                if (random.nextInt(10) < (aim == 0 ? 3 : 7)) {
                    Outbound message = QueueMessages.message("n@" + (1 + random.nextInt(1_000)));
                    heap.add(message);
                    model.add(message);
                } else if (!model.isEmpty()) {
                    Outbound gone = random.nextBoolean() ? heap.first() : model.get(random.nextInt(model.size()));
                    heap.remove(gone);
                    model.remove(gone);
                }
                Outbound first = heap.first();
                if (model.isEmpty()) {
                    assertNull(first);
                } else {
                    assertEquals(
                            model.stream().mapToLong(m -> m.expiresAt).min().getAsLong(), first.expiresAt);
                }
            }
        }
    }

    @Test
    void comesOutInOrder() {
        ExpiryHeap heap = new ExpiryHeap();
        List<Outbound> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Outbound message = QueueMessages.message("n@" + (1 + i * 7 % 1_009));
            heap.add(message);
            all.add(message);
        }
        all.sort(Comparator.comparingLong(message -> message.expiresAt));
        for (Outbound expected : all) {
            assertSame(expected, heap.first());
            heap.remove(expected);
        }
        assertNull(heap.first());
    }
}

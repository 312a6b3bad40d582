package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentIdsTest {
    @Test
    void theOldestIsForgottenFirst() {
        RecentIds ids = new RecentIds(2);
        assertTrue(ids.add("a"));
        assertTrue(ids.add("b"));
        assertFalse(ids.add("a"));
        assertTrue(ids.add("c"));
        assertFalse(ids.add("b"));
        assertTrue(ids.add("a"));
    }

    @Test
    void nothingIsRememberedOnceItIsCleared() {
        RecentIds ids = new RecentIds(2);
        ids.add("a");
        ids.clear();
        assertTrue(ids.add("a"));
    }

    /** Few ids, many of them with one hash, against a set that keeps the order. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 16, 17, 100, 1024})
    void itAnswersLikeASetThatForgets(int most) {
        Random random = new Random(most);
        RecentIds ids = new RecentIds(most);
        Set<String> model = new LinkedHashSet<>();
        for (int i = 0; i < 100_000; i++) {
            // "Aa" and "BB" have one hash, and so has whatever is made of them.
            String id = (random.nextBoolean() ? "Aa" : "BB")
                    + (random.nextBoolean() ? "Aa" : "BB")
                    + random.nextInt(1 + most);
            boolean isNew = !model.contains(id);
            if (isNew) {
                model.add(id);
                if (model.size() > most) model.remove(model.iterator().next());
            }
            assertEquals(isNew, ids.add(id));
        }
    }
}

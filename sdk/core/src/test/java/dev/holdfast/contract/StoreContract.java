package dev.holdfast.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * The contract of every {@link SessionStore}. The modules with a store compile this folder into their tests. It is plain code,
 * because some of them run JUnit 5 and others Robolectric's runner.
 */
public final class StoreContract {
    private static final int MEBIBYTE = 1 << 20;
    private static final int MANY = 100_000;
    private static final int BATCH = 1_000;

    /** A place that is empty at first, and the stores that can be opened there. */
    public interface Place {
        /** Returns a store at the place, which is not open; each call returns another one. */
        SessionStore store();

        /** Returns a store at the place that has room for about this many bytes. */
        SessionStore small(int bytes) throws Exception;

        /** Makes the place read-only. Returns why that is impossible here; empty if it is done. */
        String makeReadOnly() throws Exception;

        /** Damages what is stored. Returns why that is impossible here; empty if it is done. */
        String damage() throws Exception;
    }

    /** One thing that a store must do. */
    public interface Check {
        void run(Place place) throws Exception;
    }

    private StoreContract() {}

    /** Returns all checks by their names. Each needs a place of its own. */
    public static Map<String, Check> checks() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("a new place has no records", StoreContract::aNewPlaceHasNoRecords);
        checks.put("what was committed is there after a reopen", StoreContract::whatWasCommittedIsThereAfterAReopen);
        checks.put("records are replaced and deleted", StoreContract::recordsAreReplacedAndDeleted);
        checks.put("one record is replaced often", StoreContract::oneRecordIsReplacedOften);
        checks.put("keys and sizes at the limits", StoreContract::keysAndSizesAtTheLimits);
        checks.put("large records", StoreContract::largeRecords);
        checks.put("100,000 records", StoreContract::manyRecords);
        checks.put("random changes, as a map has them", StoreContract::randomChanges);
        checks.put("one owner at a time", StoreContract::oneOwnerAtATime);
        checks.put("a refused owner leaves the lock alone", StoreContract::aRefusedOwnerLeavesTheLockAlone);
        checks.put("a closed store", StoreContract::aClosedStore);
        checks.put("each call on another thread", StoreContract::eachCallOnAnotherThread);
        checks.put("a full disk keeps nothing of a commit", StoreContract::aFullDiskKeepsNothingOfACommit);
        checks.put("a place that is read-only", StoreContract::aPlaceThatIsReadOnly);
        checks.put("damaged content", StoreContract::damagedContent);
        return checks;
    }

    private static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void assertRecords(Map<Long, byte[]> expected, Map<Long, byte[]> actual) {
        assertEquals(new TreeSet<>(expected.keySet()), new TreeSet<>(actual.keySet()));
        expected.forEach((key, bytes) -> assertArrayEquals(bytes, actual.get(key), "record " + key));
    }

    /** Opens another store at the place, checks what it has, and closes it. */
    private static void assertKept(Map<Long, byte[]> expected, Place place) throws StoreException {
        SessionStore store = place.store();
        assertRecords(expected, store.open());
        store.close();
    }

    private static void assertFails(StoreException.Kind kind, SessionStore store) {
        StoreException failure = assertThrows(StoreException.class, store::open);
        assertEquals(kind, failure.kind(), failure::toString);
    }

    private static void aNewPlaceHasNoRecords(Place place) throws StoreException {
        assertKept(Collections.emptyMap(), place);
        assertKept(Collections.emptyMap(), place);
    }

    private static void whatWasCommittedIsThereAfterAReopen(Place place) throws StoreException {
        SessionStore store = place.store();
        assertTrue(store.open().isEmpty());
        store.commit(Arrays.asList(StoreChange.put(1, bytes(10, 1)), StoreChange.put(2, bytes(256, 2))));
        store.commit(Collections.singletonList(StoreChange.put(3, bytes(20, 3))));
        store.close();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(1L, bytes(10, 1));
        expected.put(2L, bytes(256, 2));
        expected.put(3L, bytes(20, 3));
        assertKept(expected, place);
        // The same object again.
        assertRecords(expected, store.open());
        store.close();
    }

    private static void recordsAreReplacedAndDeleted(Place place) throws StoreException {
        SessionStore store = place.store();
        store.open();
        store.commit(Arrays.asList(
                StoreChange.put(1, bytes(10, 1)), StoreChange.put(2, bytes(10, 2)), StoreChange.put(3, bytes(10, 3))));
        store.commit(Arrays.asList(StoreChange.put(2, bytes(5, 4)), StoreChange.delete(3), StoreChange.delete(99)));
        store.commit(Collections.singletonList(StoreChange.delete(1)));
        store.commit(Collections.singletonList(StoreChange.put(1, bytes(7, 5))));
        store.close();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(1L, bytes(7, 5));
        expected.put(2L, bytes(5, 4));
        assertKept(expected, place);
    }

    /** As the cursor of a subscription is, beside messages that come and go. */
    private static void oneRecordIsReplacedOften(Place place) throws StoreException {
        SessionStore store = place.store();
        store.open();
        for (int i = 1; i <= 500; i++) {
            List<StoreChange> changes = new ArrayList<>();
            changes.add(StoreChange.put(16, bytes(1 + i % 1_000, i)));
            if (i % 10 == 0) changes.add(StoreChange.put(16L + i, bytes(100, i)));
            if (i % 10 == 5 && i > 10) changes.add(StoreChange.delete(16L + i - 5));
            store.commit(changes);
        }
        store.close();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(16L, bytes(1 + 500, 500));
        expected.put(516L, bytes(100, 500));
        assertKept(expected, place);
    }

    private static void keysAndSizesAtTheLimits(Place place) throws StoreException {
        SessionStore store = place.store();
        store.open();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(1L, new byte[0]);
        expected.put(Long.MAX_VALUE, new byte[] {0});
        expected.put(1L << 53, new byte[] {0, -1, 0});
        List<StoreChange> changes = new ArrayList<>();
        expected.forEach((key, bytes) -> changes.add(StoreChange.put(key, bytes)));
        store.commit(changes);
        store.close();
        assertKept(expected, place);
    }

    private static void largeRecords(Place place) throws StoreException {
        SessionStore store = place.store();
        store.open();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(1L, bytes(MEBIBYTE, 1));
        expected.put(2L, bytes(100, 2));
        expected.put(3L, bytes(5 * MEBIBYTE + 1, 3));
        expected.put(4L, bytes(MEBIBYTE, 4));
        List<StoreChange> changes = new ArrayList<>();
        expected.forEach((key, bytes) -> changes.add(StoreChange.put(key, bytes)));
        store.commit(changes);
        store.close();
        assertKept(expected, place);
    }

    private static void manyRecords(Place place) throws StoreException {
        SessionStore store = place.store();
        store.open();
        List<StoreChange> changes = new ArrayList<>();
        for (long key = 1; key <= MANY; key++) {
            changes.add(StoreChange.put(key, new byte[] {(byte) key, (byte) (key >> 8), (byte) (key >> 16)}));
            if (changes.size() < BATCH) continue;
            store.commit(changes);
            changes = new ArrayList<>();
        }
        for (long key = 2; key <= MANY; key += 2) changes.add(StoreChange.delete(key));
        store.commit(changes);
        store.close();
        Map<Long, byte[]> found = store.open();
        store.close();
        assertEquals(MANY / 2, found.size());
        for (long key = 1; key <= MANY; key += 2) {
            assertArrayEquals(new byte[] {(byte) key, (byte) (key >> 8), (byte) (key >> 16)}, found.get(key));
        }
    }

    private static void randomChanges(Place place) throws StoreException {
        Random random = new Random(17);
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        for (int round = 0; round < 20; round++) {
            SessionStore store = place.store();
            assertRecords(expected, store.open());
            for (int commit = 0; commit < 10; commit++) {
                Map<Long, StoreChange> changes = new LinkedHashMap<>();
                for (int i = random.nextInt(20); i >= 0; i--) {
                    long key = 1L + random.nextInt(50);
                    byte[] bytes = bytes(random.nextInt(2_000), random.nextLong());
                    changes.put(key, random.nextInt(3) == 0 ? StoreChange.delete(key) : StoreChange.put(key, bytes));
                }
                store.commit(new ArrayList<>(changes.values()));
                changes.forEach((key, change) -> {
                    if (change.bytes() == null) expected.remove(key);
                    else expected.put(key, change.bytes());
                });
            }
            store.close();
        }
        assertKept(expected, place);
    }

    private static void oneOwnerAtATime(Place place) throws StoreException {
        SessionStore owner = place.store();
        owner.open();
        assertFails(StoreException.Kind.IN_USE, place.store());
        assertFails(StoreException.Kind.IN_USE, owner);
        owner.commit(Collections.singletonList(StoreChange.put(1, bytes(1, 1))));
        owner.close();
        assertKept(Collections.singletonMap(1L, bytes(1, 1)), place);
    }

    /** A lock of the operating system can be lost when another part of the process closes the same file. */
    private static void aRefusedOwnerLeavesTheLockAlone(Place place) throws StoreException {
        SessionStore owner = place.store();
        owner.open();
        for (int i = 0; i < 3; i++) {
            SessionStore refused = place.store();
            assertFails(StoreException.Kind.IN_USE, refused);
            refused.close();
        }
        owner.commit(Collections.singletonList(StoreChange.put(1, bytes(1, 1))));
        owner.close();
        assertKept(Collections.singletonMap(1L, bytes(1, 1)), place);
    }

    private static void aClosedStore(Place place) throws StoreException {
        SessionStore store = place.store();
        store.close();
        List<StoreChange> change = Collections.singletonList(StoreChange.put(1, bytes(1, 1)));
        assertThrows(StoreException.class, () -> store.commit(change));
        store.open();
        store.close();
        store.close();
        assertThrows(StoreException.class, () -> store.commit(change));
        assertKept(Collections.emptyMap(), place);
    }

    private static void eachCallOnAnotherThread(Place place) throws Exception {
        SessionStore store = place.store();
        for (int i = 1; i <= 3; i++) {
            long key = i;
            assertEquals(i - 1, elsewhere(store::open).size());
            elsewhere(() -> {
                store.commit(Collections.singletonList(StoreChange.put(key, bytes(9, key))));
                return true;
            });
            elsewhere(() -> {
                store.close();
                return true;
            });
        }
    }

    private static <T> T elsewhere(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(task, "store");
        thread.start();
        T result = task.get();
        thread.join();
        return result;
    }

    private static void aFullDiskKeepsNothingOfACommit(Place place) throws Exception {
        SessionStore store = place.small(MEBIBYTE);
        store.open();
        Map<Long, byte[]> expected = new LinkedHashMap<>();
        expected.put(1L, bytes(1_000, 1));
        store.commit(Collections.singletonList(StoreChange.put(1, bytes(1_000, 1))));
        List<StoreChange> tooMuch = new ArrayList<>();
        tooMuch.add(StoreChange.delete(1));
        for (long key = 2; key <= 30; key++) tooMuch.add(StoreChange.put(key, bytes(100_000, key)));
        StoreException failure = assertThrows(StoreException.class, () -> store.commit(tooMuch));
        assertEquals(StoreException.Kind.FULL, failure.kind(), failure::toString);
        store.close();
        assertKept(expected, place);
    }

    private static void aPlaceThatIsReadOnly(Place place) throws Exception {
        SessionStore store = place.store();
        store.open();
        store.commit(Collections.singletonList(StoreChange.put(1, bytes(1, 1))));
        store.close();
        String impossible = place.makeReadOnly();
        if (!impossible.isEmpty()) {
            System.out.println("not checked: a place that is read-only: " + impossible);
            return;
        }
        assertFails(StoreException.Kind.FAILED, place.store());
    }

    private static void damagedContent(Place place) throws Exception {
        SessionStore store = place.store();
        store.open();
        List<StoreChange> changes = new ArrayList<>();
        for (long key = 1; key <= 100; key++) changes.add(StoreChange.put(key, bytes(1_000, key)));
        store.commit(changes);
        store.close();
        String impossible = place.damage();
        if (!impossible.isEmpty()) {
            System.out.println("not checked: damaged content: " + impossible);
            return;
        }
        assertFails(StoreException.Kind.DAMAGED, place.store());
        // The failed open has let the lock go.
        assertFails(StoreException.Kind.DAMAGED, place.store());
    }
}

package dev.holdfast;

import dev.holdfast.contract.StoreContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The store that the tests use in the place of a real one does what every store must do. */
class MemoryStoreContractTest {
    /** A disk in memory. */
    private static final class MemoryPlace implements StoreContract.Place {
        private final MemoryStore first = new MemoryStore();
        private StoreException failure;

        @Override
        public SessionStore store() {
            MemoryStore store = first.another();
            store.failure = failure;
            return store;
        }

        @Override
        public SessionStore small(int bytes) {
            MemoryStore store = first.another();
            store.capacity = bytes;
            return store;
        }

        @Override
        public String makeReadOnly() {
            failure = new StoreException(StoreException.Kind.FAILED, "the store in memory is read-only", null);
            return "";
        }

        @Override
        public String damage() {
            failure = new StoreException(StoreException.Kind.DAMAGED, "the store in memory is damaged", null);
            return "";
        }
    }

    @TestFactory
    Stream<DynamicTest> contract() {
        return StoreContract.checks().entrySet().stream()
                .map(check -> DynamicTest.dynamicTest(
                        check.getKey(), () -> check.getValue().run(new MemoryPlace())));
    }
}

package dev.holdfast.store.sqlite;

import dev.holdfast.contract.StoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The store does what every store must do. */
class SqliteContractTest {
    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> contract() {
        return StoreContract.checks().entrySet().stream()
                .map(check -> DynamicTest.dynamicTest(check.getKey(), () -> {
                    try (FilePlace place = new FilePlace(Files.createTempDirectory(folder, "place"))) {
                        check.getValue().run(place);
                    }
                }));
    }
}

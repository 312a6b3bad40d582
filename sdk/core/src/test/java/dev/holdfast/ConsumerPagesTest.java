package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks that the examples of pages about other libraries are those of the projects in {@code sdk/it/src/it}. The
 * profile {@code consumers} compiles and runs these projects.
 */
class ConsumerPagesTest {
    private static final Path PROJECTS = Path.of("..", "it", "src", "it");

    @ParameterizedTest
    @CsvSource({
        "kotlin, kotlin, kotlin, kotlin/src/main/kotlin/com/example/Chat.kt kotlin/src/test/kotlin/com/example/Flows.kt",
        "spring, java, spring, spring-boot/src/main/java/com/example/LiveProperties.java"
                + " spring-boot/src/main/java/com/example/LiveConfiguration.java"
                + " spring-boot/src/main/java/com/example/EchoConfiguration.java",
        "recipes, java, recipes, recipes/src/main/java/com/example/recipes/HoldfastMeters.java"
                + " recipes/src/test/java/com/example/recipes/HoldfastMetersTest.java"
                + " recipes/src/main/java/com/example/recipes/MessagePublisher.java"
                + " recipes/src/main/java/com/example/recipes/Streams.java"
                + " ../../../core/src/test/java/com/example/recipes/SlackSocketMode.java"
                + " ../../../core/src/test/java/com/example/recipes/JsonCalls.java"
                + " ../../../core/src/test/java/com/example/recipes/SignalR.java"
                + " ../../../core/src/test/java/com/example/recipes/EndpointRecipesTest.java",
    })
    void areThePages(String page, String language, String marker, String sources) throws IOException {
        List<String> documented =
                SnippetsTest.blocks(Path.of("..", "..", "docs", page + ".md"), "```" + language, "```");
        List<String> compiled = new ArrayList<>();
        for (String source : sources.split(" ", -1)) {
            compiled.addAll(SnippetsTest.blocks(PROJECTS.resolve(source), "// " + marker, "// end"));
        }
        assertFalse(documented.isEmpty());
        assertEquals(String.join("\n\n", documented), String.join("\n\n", compiled));
    }

    /** The protocol of {@code docs/protocols.md} is in the tests of this module, in a consumer, and on the page. */
    @ParameterizedTest
    @CsvSource({"main, LineProtocol", "test, LineProtocolTest", "test, LineServer"})
    void theProtocolIsTheOneOfItsConsumer(String kind, String name) throws IOException {
        String file = "java/com/example/lines/" + name + ".java";
        String tested = Files.readString(Path.of("src", "test").resolve(file));
        assertEquals(
                Files.readString(PROJECTS.resolve("protocol")
                        .resolve("src")
                        .resolve(kind)
                        .resolve(file)),
                tested);
        assertFalse(tested.contains("dev.holdfast.internal"));
        String page = Files.readString(Path.of("..", "..", "docs", "protocols.md"));
        for (String block : SnippetsTest.blocks(Path.of("src", "test").resolve(file), "// page", "// end")) {
            assertTrue(page.contains("\n```java\n" + block + "\n```\n"), block);
        }
    }
}

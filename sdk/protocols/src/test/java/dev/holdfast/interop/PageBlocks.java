package dev.holdfast.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Java blocks of a document, which a test class repeats between {@code // page} and {@code // end}, so that they compile. */
public final class PageBlocks {
    private PageBlocks() {}

    /**
     * Checks that the blocks of a section are those in a test class.
     *
     * @param page the document, in {@code docs}
     * @param heading the heading of the section, with its number signs
     * @param test the test class
     */
    public static void assertSame(String page, String heading, Class<?> test) throws IOException {
        Path document = Path.of("..", "..", "docs", page);
        Path source = Path.of("src/test/java", test.getName().replace('.', '/') + ".java");
        List<String> documented = blocks(section(Files.readAllLines(document), heading), "```java", "```");
        assertFalse(documented.isEmpty(), heading);
        List<String> compiled = blocks(Files.readAllLines(source), "// page", "// end");
        assertEquals(String.join("\n\n", documented), String.join("\n\n", compiled));
    }

    private static List<String> section(List<String> lines, String heading) {
        int from = lines.indexOf(heading);
        assertFalse(from < 0, "no section " + heading);
        String level = heading.substring(0, heading.indexOf(' ') + 1);
        int to = from + 1;
        while (to < lines.size() && !lines.get(to).startsWith(level)) to++;
        return lines.subList(from, to);
    }

    private static List<String> blocks(List<String> lines, String from, String to) {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : lines) {
            if (block == null) {
                if (line.strip().equals(from)) block = new StringBuilder();
            } else if (line.strip().equals(to)) {
                blocks.add(block.toString().stripTrailing().stripIndent());
                block = null;
            } else {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }
}

package dev.holdfast.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that {@code rules.txt} covers the protocol page, and the suite what {@code rules.txt} names. */
class ProtocolRulesTest {
    private static final Pattern KEYWORD = Pattern.compile("\\b(?:MUST|SHOULD)\\b");
    private static final Pattern NAME = Pattern.compile("[a-z0-9.-]+(?=,|$| \\()");

    @Test
    void everyMustAndShouldOfThePageIsInTheList() throws IOException {
        String page = page();
        Map<Integer, String> uncovered = new TreeMap<>();
        Matcher keywords = KEYWORD.matcher(page);
        while (keywords.find()) {
            uncovered.put(
                    keywords.start(),
                    page.substring(Math.max(0, keywords.start() - 60), Math.min(page.length(), keywords.end() + 60)));
        }
        assertTrue(uncovered.size() > 30, "the page has few rules: " + uncovered.size());
        int from = 0;
        for (String quotation : rules().keySet()) {
            int at = page.indexOf(quotation, from);
            assertTrue(at >= 0, "not on the page, or not in this order: " + quotation);
            uncovered.keySet().removeIf(position -> position >= at && position < at + quotation.length());
            from = at + quotation.length();
        }
        assertEquals(Map.of(), uncovered);
    }

    @Test
    void everyRuleHasAReasonOrChecksThatExist() throws IOException {
        Set<String> names = new HashSet<>(ConformanceSuite.names());
        rules().forEach((quotation, checks) -> {
            assertFalse(checks.isEmpty(), quotation);
            if (checks.startsWith("- ")) return;
            List<String> named =
                    NAME.matcher(checks).results().map(match -> match.group()).toList();
            assertFalse(named.isEmpty(), quotation);
            for (String name : named) assertTrue(names.contains(name), "no check " + name + " for " + quotation);
        });
    }

    @Test
    void eachCheckHasANameOfItsOwnAndASectionOfThePage() throws IOException {
        assertEquals(ConformanceSuite.names().size(), new HashSet<>(ConformanceSuite.names()).size());
        String headings = Files.readString(root().resolve("docs").resolve("protocol.md"));
        for (Check check : ConformanceSuite.checks()) {
            for (String section : check.section().replaceAll("rule \\d+", "").split("[,;]", -1)) {
                if (section.isBlank()) continue;
                assertTrue(headings.contains("\n## " + section.trim() + ". "), check.id() + ": " + section);
            }
        }
    }

    @Test
    void thePageForServerAuthorsHasTheNumbersOfTheSuite() throws IOException {
        String page = Files.readString(root().resolve("docs").resolve("server-authors.md"))
                .replaceAll("\\s+", " ");
        List<Check> checks = ConformanceSuite.checks();
        long overHttp = checks.stream()
                .filter(check -> check.carrier() == Check.Carrier.HTTP)
                .count();
        int about15 = ConformanceSuite.names("15").size();
        for (String text : List.of(
                ": " + checks.size() + " checks over",
                " " + (checks.size() - overHttp) + " use WebSockets",
                ", " + about15 + " more are about that section",
                "and " + (overHttp - about15) + " of the first run once more over HTTP")) {
            assertTrue(page.contains(text), "not on the page: " + text);
        }
        Matcher summary =
                Pattern.compile("(\\d+) passed, 0 failed, (\\d+) skipped").matcher(page);
        assertTrue(summary.find());
        assertEquals(checks.size(), Integer.parseInt(summary.group(1)) + Integer.parseInt(summary.group(2)));
    }

    /** The quotations, in order, each with the line below it. */
    private static Map<String, String> rules() throws IOException {
        Map<String, String> rules = new java.util.LinkedHashMap<>();
        try (InputStream in = ProtocolRulesTest.class.getResourceAsStream("rules.txt")) {
            List<String> lines = new ArrayList<>(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
            for (int i = 0; i < lines.size(); i += 2) {
                assertTrue(lines.get(i + 1).startsWith("    "), "no checks below " + lines.get(i));
                rules.put(lines.get(i), lines.get(i + 1).strip());
            }
        }
        return rules;
    }

    /** The rules of the page as one line: what the examples show follows from them. */
    private static String page() throws IOException {
        String page = Files.readString(root().resolve("docs").resolve("protocol.md"));
        String rules = page.substring(0, page.indexOf("\n## 13. ")) + page.substring(page.indexOf("\n## 15. "));
        return rules.replaceAll("\\s+", " ");
    }

    private static Path root() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("docs").resolve("protocol.md")))
                .findFirst()
                .orElseThrow();
    }
}

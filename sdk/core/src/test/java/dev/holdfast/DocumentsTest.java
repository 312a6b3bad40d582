package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that links lead to existing files and headings, and that the lists of pages are complete. */
class DocumentsTest {
    private static final Path ROOT = root();
    private static final Path DOCS = ROOT.resolve("docs");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^()\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("#{1,6} (.+)");
    private static final Pattern REFERENCE = Pattern.compile("docs/[\\w./-]*\\w\\.(?:md|json|svg|png)");
    private static final Set<String> IGNORED_FOLDERS = Set.of("target", ".git", ".fast", "node_modules");

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs").resolve("index.md"))) folder = folder.getParent();
        return folder;
    }

    /** The pages of the documentation but the index, as paths below {@code docs}. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(DOCS)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.equals(DOCS.resolve("index.md")))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(pages());
        documents.add(DOCS.resolve("index.md"));
        for (String name : List.of("README.md", "CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "llms.txt")) {
            documents.add(ROOT.resolve(name));
        }
        return documents;
    }

    @Test
    void everyRelativeLinkLeadsToAFileAndAHeading() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            for (String link : links(document)) {
                if (!leadsSomewhere(document, link)) broken.add(ROOT.relativize(document) + ": " + link);
            }
        }
        assertEquals(List.of(), broken);
    }

    private static boolean leadsSomewhere(Path document, String link) throws IOException {
        URI uri = URI.create(link);
        if (uri.getScheme() != null) return true;
        String path = uri.getPath();
        Path target = path.isEmpty()
                ? document
                : document.resolveSibling(path).toAbsolutePath().normalize();
        if (!Files.exists(target)) return false;
        return uri.getFragment() == null || anchors(target).contains(uri.getFragment());
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/index.md", "llms.txt"})
    void everyPageIsListed(String list) throws IOException {
        Set<Path> missing = new HashSet<>(pages());
        missing.removeAll(targets(ROOT.resolve(list)));
        assertEquals(Set.of(), missing);
    }

    @Test
    void thePagesOfTheFirstLevelAreOneClickFromTheReadme() throws IOException {
        Set<Path> missing = new HashSet<>(pages());
        missing.removeIf(page -> !page.getParent().equals(DOCS));
        missing.removeAll(targets(ROOT.resolve("README.md")));
        assertEquals(Set.of(), missing);
    }

    @Test
    void referencesInSourcesLeadToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        List<Path> sources = sources();
        assertFalse(sources.isEmpty());
        for (Path source : sources) {
            Matcher matcher = REFERENCE.matcher(Files.readString(source));
            while (matcher.find()) {
                if (!Files.exists(ROOT.resolve(matcher.group()))) {
                    broken.add(ROOT.relativize(source) + ": " + matcher.group());
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean ignored = folder.equals(DOCS)
                        || IGNORED_FOLDERS.contains(folder.getFileName().toString());
                return ignored ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                boolean history = name.equals("CHANGELOG.md");
                if (name.matches(".+\\.(java|xml|md|lua)") && !history) sources.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }

    private static Set<Path> targets(Path document) throws IOException {
        Set<Path> targets = new HashSet<>();
        for (String link : links(document)) {
            URI uri = URI.create(link);
            if (uri.getScheme() != null) continue;
            targets.add(document.resolveSibling(uri.getPath()).toAbsolutePath().normalize());
        }
        return targets;
    }

    private static List<String> links(Path document) throws IOException {
        List<String> links = new ArrayList<>();
        for (String line : prose(document)) {
            Matcher matcher = LINK.matcher(line.replaceAll("`[^`]*`", "code"));
            while (matcher.find()) links.add(matcher.group(1));
        }
        return links;
    }

    /** The names that a browser finds a page's headings by, as GitHub makes them. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (String line : prose(page)) {
            Matcher matcher = HEADING.matcher(line);
            if (!matcher.matches()) continue;
            String anchor = matcher.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        return anchors;
    }

    /** The lines that are not in a block of code. */
    private static List<String> prose(Path document) throws IOException {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : Files.readAllLines(document)) {
            if (line.startsWith("```")) code = !code;
            else if (!code) prose.add(line);
        }
        return prose;
    }
}

package dev.holdfast.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The coordinates and versions of docs/install.md are those of the release. */
class InstallPageTest {
    private static final Pattern MAVEN =
            Pattern.compile("<artifactId>([\\w-]+)</artifactId>\\s*<version>([^<]+)</version>");
    private static final Pattern GRADLE = Pattern.compile("\"[\\w.]+:([\\w-]+):([^\"]+)\"");
    private static final Pattern PROSE = Pattern.compile("built with ([0-9.]+)[,;]");

    private final Release release =
            new Release(Path.of(System.getProperty("release.repository")), System.getProperty("release.version"));

    @Test
    void namesTheArtifactsAndVersionsOfTheRelease() throws IOException {
        String page = Files.readString(Path.of("..", "..", "docs", "install.md"));
        String version = release.version().replace("-SNAPSHOT", "");
        List<Dependency> dependencies = Dependency.ofPom(release.pom(Checks.SDK).getDocumentElement());
        String okhttp = version(dependencies, "okhttp-jvm");
        Set<String> found = new TreeSet<>();
        for (Pattern pattern : List.of(MAVEN, GRADLE)) {
            Matcher matcher = pattern.matcher(page);
            while (matcher.find()) {
                String artifact = matcher.group(1);
                found.add(artifact);
                String expected = artifact.equals("okhttp") ? okhttp : version;
                assertEquals(expected, matcher.group(2), artifact);
            }
        }
        assertEquals(Set.of("holdfast-bom", "okhttp"), found);
        Matcher prose = PROSE.matcher(page);
        Set<String> built = new TreeSet<>();
        while (prose.find()) built.add(prose.group(1));
        assertEquals(Set.of(okhttp, version(dependencies, "jackson-databind")), built);
        for (String artifact : release.artifacts()) assertTrue(page.contains("`" + artifact + "`"), artifact);
    }

    private static String version(List<Dependency> dependencies, String module) {
        return dependencies.stream()
                .filter(dependency -> dependency.module().equals(module))
                .findFirst()
                .orElseThrow()
                .version();
    }
}

package dev.holdfast.release;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The deployed files match RELEASING.md. */
class ReleaseTest {
    private final Release release =
            new Release(Path.of(System.getProperty("release.repository")), System.getProperty("release.version"));

    @BeforeEach
    void isDeployed() {
        if (!Files.isDirectory(release.repository())) {
            throw new IllegalStateException(
                    "there is no " + release.repository() + ": sdk/release/check deploys to it");
        }
    }

    private static void none(List<String> problems) {
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void hasItsFiles() {
        none(Checks.files(release));
    }

    @Test
    void hasChecksums() {
        none(Checks.checksums(release));
    }

    @Test
    void hasJarsForJava8WithLicences() {
        none(Checks.jar(release));
    }

    @Test
    void isAModule() {
        none(Checks.module(release));
    }

    @Test
    void hasSourcesAndJavadoc() {
        none(Checks.sourcesAndJavadoc(release));
    }

    @Test
    void hasCompletePoms() {
        none(Checks.pom(release));
    }

    @Test
    void hasAnAar() {
        none(Checks.aar(release));
    }

    @Test
    void hasABom() {
        none(Checks.bom(release));
    }

    @Test
    void hasBillsOfMaterials() {
        none(Checks.sbom(release));
    }

    @Test
    void hasGradleMetadata() {
        none(GradleChecks.metadata(release));
    }

    @Test
    void dependsOnTheSameInGradle() {
        none(GradleChecks.dependencies(release));
    }

    @Test
    void leadsGradleToOneOkHttp() {
        none(GradleChecks.okHttp(release, GradleChecks.ofOkHttp()));
    }

    @Test
    void isReproducible() {
        none(Checks.reproducible(
                release, new Release(Path.of(System.getProperty("release.second")), release.version())));
    }
}

package dev.holdfast.release;

import static dev.holdfast.release.Checks.ANDROID;
import static dev.holdfast.release.Checks.BOM;
import static dev.holdfast.release.Checks.SDK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check finds the fault that it is there for: the faults are planted in a copy of the release. */
class PlantedFaultsTest {
    private static final Path RELEASE = Path.of(System.getProperty("release.repository"));
    private static final String VERSION = System.getProperty("release.version");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    record Fault(String name, Consumer<Release> plant, Function<Release, List<String>> check, String problem) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void isFound(Fault fault) throws IOException {
        copy(RELEASE, folder);
        Release release = new Release(folder, VERSION);
        assertEquals(List.of(), fault.check().apply(release), "before the fault");
        fault.plant().accept(release);
        List<String> problems = fault.check().apply(release);
        assertTrue(
                problems.toString().contains(fault.problem()), () -> "expected " + fault.problem() + " in " + problems);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) Files.createDirectories(target);
                else Files.copy(path, target);
            }
        }
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "a missing file",
                        r -> delete(r.file(SDK, "-sources.jar")),
                        Checks::files,
                        "has no -sources.jar"),
                new Fault(
                        "a file too many",
                        r -> write(r.file(SDK, ".jar").resolveSibling(SDK + "-" + VERSION + "-tests.jar"), "x"),
                        Checks::files,
                        "which nobody expects"),
                new Fault(
                        "an artifact too many",
                        r -> artifact(r, "holdfast-parent"),
                        Checks::files,
                        "artifacts must be"),
                new Fault(
                        "a wrong checksum",
                        r -> write(beside(r.file(SDK, ".pom"), ".sha256"), "00"),
                        Checks::checksums,
                        ".sha256 is not"),
                new Fault(
                        "a missing checksum",
                        r -> delete(beside(r.file(SDK, ".module"), ".sha512")),
                        Checks::checksums,
                        "has no .sha512"),
                new Fault(
                        "half the signatures",
                        r -> sign(r.file(SDK, ".jar")),
                        Checks::checksums,
                        "is not signed, but others are"),
                new Fault(
                        "no licence",
                        jar(".jar", name -> name.equals("META-INF/LICENSE") ? "" : name),
                        Checks::jar,
                        "no META-INF/LICENSE"),
                new Fault(
                        "no notice in the sources",
                        jar("-sources.jar", name -> name.equals("META-INF/NOTICE") ? "" : name),
                        Checks::jar,
                        "-sources.jar has no META-INF/NOTICE"),
                new Fault(
                        "the class of another",
                        jar(".jar", name -> name.equals("dev/holdfast/Backoff.class") ? "okio/Backoff.class" : name),
                        Checks::jar,
                        "which is not its own"),
                new Fault(
                        "classes of Java 17",
                        r -> bytes(r.file(SDK, ".jar"), 61),
                        Checks::jar,
                        "class file version 61"),
                new Fault(
                        "no module descriptor",
                        jar(".jar", name -> name.endsWith("module-info.class") ? "" : name),
                        Checks::module,
                        "no module descriptor"),
                new Fault(
                        "a module descriptor that Java 8 reads",
                        jar(".jar", name -> name.endsWith("module-info.class") ? "module-info.class" : name),
                        Checks::module,
                        "not in META-INF/versions/9"),
                new Fault(
                        "a missing source",
                        jar("-sources.jar", name -> name.endsWith("/Backoff.java") ? "" : name),
                        Checks::sourcesAndJavadoc,
                        "no dev/holdfast/Backoff.java"),
                new Fault(
                        "internal pages",
                        jar(
                                "-javadoc.jar",
                                name -> name.equals("index.html") ? "dev/holdfast/internal/index.html" : name),
                        Checks::sourcesAndJavadoc,
                        "which is internal"),
                new Fault(
                        "a POM without url",
                        text(SDK, ".pom", s -> s.replaceAll("<url>[^<]*</url>", "")),
                        Checks::pom,
                        "no url"),
                new Fault(
                        "a POM without developers",
                        text(SDK, ".pom", s -> s.replace("developer>", "contributor>")),
                        Checks::pom,
                        "no developers"),
                new Fault(
                        "a POM with a parent",
                        text(
                                SDK,
                                ".pom",
                                s -> s.replace(
                                        "<modelVersion>", "<parent><groupId>g</groupId></parent><modelVersion>")),
                        Checks::pom,
                        "has <parent>"),
                new Fault(
                        "a dependency of the tests",
                        text(SDK, ".pom", s -> s.replaceFirst("<scope>compile</scope>", "<scope>test</scope>")),
                        Checks::pom,
                        "in scope test"),
                new Fault(
                        "an expression",
                        text(SDK, ".pom", s -> s.replace("5.5.1", "${okhttp.version}")),
                        Checks::pom,
                        "has an expression"),
                new Fault(
                        "okhttp in the POM",
                        text(SDK, ".pom", s -> s.replace("okhttp-jvm", "okhttp")),
                        Checks::pom,
                        "dependencies must be"),
                new Fault(
                        "a BOM of another version",
                        text(BOM, ".pom", s -> s.replace(VERSION, "0.0.1")),
                        Checks::bom,
                        "what the BOM manages"),
                new Fault(
                        "an AAR without rules",
                        r -> rewrite(r.file(ANDROID, ".aar"), name -> name.equals("proguard.txt") ? "" : name, b -> b),
                        Checks::aar,
                        "no proguard.txt"),
                new Fault(
                        "an AAR with other classes",
                        r -> rewrite(
                                r.file(ANDROID, ".jar"), name -> name.equals("META-INF/NOTICE") ? "" : name, b -> b),
                        Checks::aar,
                        "is not the jar"),
                new Fault(
                        "an SBOM without a dependency",
                        text(SDK, "-cyclonedx.json", s -> s.replace("\"okhttp-jvm\"", "\"other\"")),
                        Checks::sbom,
                        "SBOM has no com.squareup.okhttp3:okhttp-jvm"),
                new Fault(
                        "a wrong size",
                        text(SDK, ".module", s -> s.replaceFirst("\"size\": ", "\"size\": 1")),
                        GradleChecks::metadata,
                        "the size of"),
                new Fault(
                        "a wrong checksum in the metadata",
                        text(SDK, ".module", s -> s.replaceFirst("\"sha256\": \"....", "\"sha256\": \"0000")),
                        GradleChecks::metadata,
                        "the sha256 of"),
                new Fault(
                        "an unknown member",
                        text(SDK, ".module", s -> s.replaceFirst("\"files\"", "\"filez\"")),
                        GradleChecks::metadata,
                        "filez"),
                new Fault(
                        "a file that is not there",
                        text(
                                SDK,
                                ".module",
                                s -> s.replaceFirst("-sources\\.jar", "-source.jar")
                                        .replaceFirst("-sources\\.jar", "-source.jar")),
                        GradleChecks::metadata,
                        "which is not there"),
                new Fault(
                        "no marker for Gradle",
                        text(SDK, ".pom", s -> s.replace("do_not_remove", "removed")),
                        GradleChecks::metadata,
                        "does not refer Gradle"),
                new Fault(
                        "another version for Gradle",
                        text(SDK, ".module", s -> s.replaceFirst("5\\.5\\.1", "5.0.0")),
                        GradleChecks::dependencies,
                        "must depend on"),
                new Fault(
                        "okhttp-jvm for Gradle",
                        text(SDK, ".module", s -> s.replace("\"okhttp\"", "\"okhttp-jvm\"")),
                        r -> GradleChecks.okHttp(r, GradleChecks.ofOkHttp()),
                        "alone, but depends on"),
                new Fault(
                        "other bytes",
                        jar("-javadoc.jar", name -> name.equals("index.html") ? "" : name),
                        r -> Checks.reproducible(r, new Release(RELEASE, VERSION)),
                        "of two builds differs"));
    }

    // ---- how faults are planted ----

    private static Path beside(Path file, String end) {
        return file.resolveSibling(file.getFileName() + end);
    }

    private static void artifact(Release release, String name) {
        try {
            Files.createDirectories(
                    release.repository().resolve("dev/holdfast").resolve(name).resolve(VERSION));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sign(Path file) {
        Path signature = beside(file, ".asc");
        write(signature, "signature");
        for (String[] kind :
                new String[][] {{"md5", "MD5"}, {"sha1", "SHA-1"}, {"sha256", "SHA-256"}, {"sha512", "SHA-512"}}) {
            write(beside(signature, "." + kind[0]), Checks.digest(kind[1], "signature".getBytes(UTF_8)));
        }
    }

    private static Consumer<Release> text(String artifact, String end, UnaryOperator<String> change) {
        return release -> {
            String before = release.text(artifact, end);
            String after = change.apply(before);
            if (after.equals(before)) throw new IllegalStateException("the fault changes nothing");
            write(release.file(artifact, end), after);
        };
    }

    /** Renames entries of the SDK's jar; to nothing: leaves them out. */
    private static Consumer<Release> jar(String end, UnaryOperator<String> rename) {
        return release -> rewrite(release.file(SDK, end), rename, bytes -> bytes);
    }

    private static void bytes(Path jar, int classFileVersion) {
        rewrite(jar, name -> name, bytes -> {
            if (bytes.length > 8 && bytes[0] == (byte) 0xca && bytes[1] == (byte) 0xfe)
                bytes[7] = (byte) classFileVersion;
            return bytes;
        });
    }

    private static void rewrite(Path jar, UnaryOperator<String> rename, UnaryOperator<byte[]> change) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar));
                ZipOutputStream copy = new ZipOutputStream(out)) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                String name = rename.apply(entry.getName());
                if (name.isEmpty()) continue;
                copy.putNextEntry(new ZipEntry(name));
                copy.write(change.apply(zip.readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Files.write(jar, out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.holdfast.release;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** The checks, except those of {@link GradleChecks}. Each returns what is wrong, in words; nothing if all is well. */
final class Checks {
    static final String SDK = "holdfast-sdk";
    static final String ANDROID = "holdfast-android";
    static final String STORE = "holdfast-store-sqlite";
    static final String HTTP = "holdfast-http";
    static final String PROTOCOLS = "holdfast-protocols";
    static final String TESTKIT = "holdfast-testkit";
    static final String SERVER = "holdfast-server";
    static final String BOM = "holdfast-bom";

    private static final int JAVA_8 = 52;
    private static final int JAVA_17 = 61;

    private static final List<String> LIBRARY =
            List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", ".module", "-cyclonedx.json", "-cyclonedx.xml");

    /** Every artifact that is published, and the files it consists of besides checksums and signatures. */
    static final Map<String, List<String>> PUBLISHED = new TreeMap<>(Map.of(
            SDK,
            LIBRARY,
            STORE,
            LIBRARY,
            HTTP,
            LIBRARY,
            ANDROID,
            with(LIBRARY, ".aar"),
            PROTOCOLS,
            LIBRARY,
            TESTKIT,
            LIBRARY,
            SERVER,
            LIBRARY,
            BOM,
            List.of(".pom")));

    private Checks() {}

    private static List<String> with(List<String> names, String another) {
        List<String> all = new ArrayList<>(names);
        all.add(another);
        return List.copyOf(all);
    }

    /** Exactly the artifacts that are to be published, with all of their files and no others. */
    static List<String> files(Release release) {
        List<String> problems = new ArrayList<>();
        if (!release.artifacts().equals(List.copyOf(PUBLISHED.keySet()))) {
            problems.add("artifacts must be " + PUBLISHED.keySet() + ", but are " + release.artifacts());
        }
        PUBLISHED.forEach((artifact, ends) -> {
            if (!release.artifacts().contains(artifact)) return;
            Set<Path> expected = new HashSet<>();
            for (String end : ends) {
                if (release.has(artifact, end)) expected.add(release.file(artifact, end));
                else problems.add(artifact + " has no " + end);
            }
            for (Path file : release.files(artifact)) {
                String name = file.getFileName().toString();
                if (name.startsWith("maven-metadata.xml") || name.matches(".*\\.(md5|sha1|sha256|sha512|asc)"))
                    continue;
                if (!expected.contains(file)) problems.add(artifact + " has " + name + ", which nobody expects");
            }
        });
        return problems;
    }

    /** Four checksums beside each file, and right ones. If one file is signed, all are. */
    static List<String> checksums(Release release) {
        List<String> problems = new ArrayList<>();
        Map<String, String> algorithms =
                Map.of("md5", "MD5", "sha1", "SHA-1", "sha256", "SHA-256", "sha512", "SHA-512");
        for (String artifact : release.artifacts()) {
            List<Path> files = release.files(artifact);
            boolean signed = files.stream().anyMatch(file -> file.toString().endsWith(".asc"));
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.matches(".*\\.(md5|sha1|sha256|sha512)")) continue;
                algorithms.forEach((extension, algorithm) -> {
                    Path checksum = file.resolveSibling(name + "." + extension);
                    if (!Files.exists(checksum)) problems.add(name + " has no ." + extension);
                    else if (!digest(algorithm, Release.bytes(file))
                            .equals(new String(Release.bytes(checksum), US_ASCII).strip())) {
                        problems.add(name + "." + extension + " is not that of the file");
                    }
                });
                boolean signable = !name.endsWith(".asc") && !name.startsWith("maven-metadata.xml");
                if (signed && signable && !Files.exists(file.resolveSibling(name + ".asc"))) {
                    problems.add(name + " is not signed, but others are");
                }
            }
        }
        return problems;
    }

    static String digest(String algorithm, byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(bytes);
            return String.format(Locale.ROOT, "%0" + digest.length * 2 + "x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Licence and notice, classes of Java 8 (of the server: 17) outside of META-INF/versions, no class of tests or of others, nothing twice. */
    static List<String> jar(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : libraries(release)) {
            Path jar = release.file(artifact, ".jar");
            List<String> entries = Release.entries(jar);
            for (String end : List.of(".jar", "-sources.jar")) {
                List<String> names = Release.entries(release.file(artifact, end));
                for (String name : List.of("META-INF/LICENSE", "META-INF/NOTICE")) {
                    if (!names.contains(name)) problems.add(artifact + end + " has no " + name);
                }
                Set<String> once = new HashSet<>();
                for (String name : names) if (!once.add(name)) problems.add(artifact + end + " has " + name + " twice");
            }
            try (JarFile file = new JarFile(jar.toFile())) {
                for (String name : entries) {
                    if (!name.startsWith("META-INF/") && !name.startsWith("dev/holdfast/")) {
                        problems.add(artifact + " has " + name + ", which is not its own");
                    }
                    if (!name.endsWith(".class") || name.startsWith("META-INF/versions/")) continue;
                    byte[] bytes = file.getInputStream(file.getEntry(name)).readAllBytes();
                    int version = (bytes[6] & 0xff) << 8 | (bytes[7] & 0xff);
                    int expected = artifact.equals(SERVER) ? JAVA_17 : JAVA_8;
                    if (version != expected)
                        problems.add(name + " has class file version " + version + ", not " + expected);
                }
                var attributes = file.getManifest().getMainAttributes();
                if (!release.version().equals(attributes.getValue("Implementation-Version"))) {
                    problems.add(artifact + " has no Implementation-Version " + release.version() + " in its manifest");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return problems;
    }

    /** The modules export what is public and require what they need: Jackson only if it is there. */
    static List<String> module(Release release) {
        List<String> problems = new ArrayList<>();
        module(
                problems,
                release.file(SDK, ".jar"),
                "dev.holdfast",
                Set.of(
                        "dev.holdfast",
                        "dev.holdfast.protocol",
                        "dev.holdfast.websocket",
                        "dev.holdfast.internal.frame to [dev.holdfast.http, dev.holdfast.protocols, dev.holdfast.testkit]",
                        "dev.holdfast.internal.message to [dev.holdfast.http, dev.holdfast.testkit]",
                        "dev.holdfast.internal.runtime to [dev.holdfast.testkit]",
                        "dev.holdfast.internal.session to [dev.holdfast.protocols]",
                        "dev.holdfast.internal.time to [dev.holdfast.http, dev.holdfast.testkit]",
                        "dev.holdfast.internal.transport to [dev.holdfast.http, dev.holdfast.testkit]"),
                Set.of(
                        "java.base [MANDATED]",
                        "java.logging []",
                        "okhttp3 [TRANSITIVE]",
                        "okio [TRANSITIVE]",
                        "com.fasterxml.jackson.core [STATIC]",
                        "com.fasterxml.jackson.databind [STATIC]",
                        "com.fasterxml.jackson.dataformat.cbor [STATIC]",
                        "org.jspecify [STATIC]"));
        module(
                problems,
                release.file(STORE, ".jar"),
                "dev.holdfast.store.sqlite",
                Set.of("dev.holdfast.store.sqlite"),
                Set.of(
                        "java.base [MANDATED]",
                        "java.sql [TRANSITIVE]",
                        "dev.holdfast [TRANSITIVE]",
                        "org.xerial.sqlitejdbc []",
                        "org.jspecify [STATIC]"));
        module(
                problems,
                release.file(HTTP, ".jar"),
                "dev.holdfast.http",
                Set.of("dev.holdfast.http"),
                Set.of("java.base [MANDATED]", "dev.holdfast [TRANSITIVE]", "org.jspecify [STATIC]"));
        return problems;
    }

    private static void module(
            List<String> problems, Path jar, String name, Set<String> exports, Set<String> requires) {
        ModuleDescriptor module =
                ModuleFinder.of(jar).findAll().iterator().next().descriptor();
        if (module.isAutomatic()) {
            problems.add(jar.getFileName() + " has no module descriptor");
            return;
        }
        compare(problems, "module name", name, module.name());
        compare(
                problems,
                "exports of " + name,
                exports,
                module.exports().stream()
                        .map(export -> export.isQualified()
                                ? export.source() + " to " + new TreeSet<>(export.targets())
                                : export.source())
                        .collect(Collectors.toCollection(TreeSet::new)));
        compare(
                problems,
                "requires of " + name,
                new TreeSet<>(requires),
                module.requires().stream()
                        .map(required -> required.name() + " " + new TreeSet<>(required.modifiers()))
                        .collect(Collectors.toCollection(TreeSet::new)));
        Path versioned = Path.of("META-INF/versions/9/module-info.class");
        if (!Release.entries(jar).contains(versioned.toString().replace('\\', '/'))) {
            problems.add("the module descriptor of " + name + " is not in META-INF/versions/9");
        }
    }

    private static void compare(List<String> problems, String what, Object expected, Object actual) {
        if (!expected.equals(actual)) problems.add(what + " must be " + expected + ", but is " + actual);
    }

    /** A source for each class, and a page for each public package and none for internal ones. */
    static List<String> sourcesAndJavadoc(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : libraries(release)) {
            Set<String> sources = new HashSet<>(Release.entries(release.file(artifact, "-sources.jar")));
            for (String name : Release.entries(release.file(artifact, ".jar"))) {
                if (!name.endsWith(".class") || name.contains("$") || name.startsWith("META-INF/")) continue;
                String source = name.substring(0, name.length() - ".class".length()) + ".java";
                // A package-private class may be in the file of another.
                if (Character.isUpperCase(source.charAt(source.lastIndexOf('/') + 1)) && !sources.contains(source)) {
                    problems.add(artifact + "-sources has no " + source);
                }
            }
            List<String> pages = Release.entries(release.file(artifact, "-javadoc.jar"));
            String home = home(artifact);
            for (String page : List.of("index.html", home + "package-summary.html")) {
                if (!pages.contains(page)) problems.add(artifact + "-javadoc has no " + page);
            }
            for (String page : pages) {
                if (page.contains("/internal/"))
                    problems.add(artifact + "-javadoc has " + page + ", which is internal");
            }
        }
        return problems;
    }

    /** The folder of the artifact's public classes. */
    private static String home(String artifact) {
        switch (artifact) {
            case ANDROID:
                return "dev/holdfast/android/";
            case STORE:
                return "dev/holdfast/store/sqlite/";
            case HTTP:
                return "dev/holdfast/http/";
            case PROTOCOLS:
                return "dev/holdfast/socketio/";
            case TESTKIT:
                return "dev/holdfast/testkit/";
            case SERVER:
                return "dev/holdfast/server/";
            default:
                return "dev/holdfast/";
        }
    }

    /** Everything that Maven Central asks for, and nothing that only the build needs. */
    static List<String> pom(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : release.artifacts()) {
            Element project = release.pom(artifact).getDocumentElement();
            for (String path : List.of(
                    "groupId",
                    "artifactId",
                    "version",
                    "name",
                    "description",
                    "url",
                    "licenses/license/name",
                    "licenses/license/url",
                    "developers/developer/name",
                    "scm/url",
                    "scm/connection")) {
                if (Xml.text(project, path.split("/")).isEmpty()) problems.add(artifact + "'s POM has no " + path);
            }
            compare(problems, artifact + "'s version", release.version(), Xml.text(project, "version"));
            for (String name : List.of(
                    "parent",
                    "build",
                    "profiles",
                    "properties",
                    "modules",
                    "repositories",
                    "distributionManagement",
                    "reporting")) {
                if (!Xml.elements(project, name).isEmpty()) problems.add(artifact + "'s POM has <" + name + ">");
            }
            if (release.text(artifact, ".pom").contains("${")) problems.add(artifact + "'s POM has an expression");
            for (Element dependency : Xml.elements(project, "dependencies", "dependency")) {
                Dependency named = Dependency.ofPomElement(dependency);
                String scope = Xml.text(dependency, "scope");
                if (scope.equals("test") || scope.equals("system"))
                    problems.add(artifact + " depends on " + named + " in scope " + scope);
                if (named.version().isEmpty()) problems.add(artifact + " depends on " + named + " without a version");
            }
        }
        List<Dependency> sdk = Dependency.ofPom(release.pom(SDK).getDocumentElement());
        compare(
                problems,
                SDK + "'s dependencies",
                Set.of("okhttp-jvm", "jackson-databind", "jspecify"),
                sdk.stream().map(Dependency::module).collect(Collectors.toCollection(TreeSet::new)));
        return problems;
    }

    /** The AAR has the jar's classes, a manifest that asks for the two permissions, rules for R8, and no resources. */
    static List<String> aar(Release release) {
        List<String> problems = new ArrayList<>();
        Path aar = release.file(ANDROID, ".aar");
        try (JarFile file = new JarFile(aar.toFile())) {
            for (String name : List.of("AndroidManifest.xml", "classes.jar", "proguard.txt", "R.txt")) {
                if (file.getEntry(name) == null) problems.add("the AAR has no " + name);
            }
            if (!problems.isEmpty()) return problems;
            byte[] classes = file.getInputStream(file.getEntry("classes.jar")).readAllBytes();
            if (!Arrays.equals(classes, Release.bytes(release.file(ANDROID, ".jar")))) {
                problems.add("classes.jar is not the jar that is published");
            }
            Element manifest = Xml.parse(file.getInputStream(file.getEntry("AndroidManifest.xml"))
                            .readAllBytes())
                    .getDocumentElement();
            List<String> permissions = Xml.elements(manifest, "uses-permission").stream()
                    .map(element -> element.getAttribute("android:name"))
                    .sorted()
                    .toList();
            compare(
                    problems,
                    "permissions",
                    List.of("android.permission.ACCESS_NETWORK_STATE", "android.permission.INTERNET"),
                    permissions);
            for (Element sdk : Xml.elements(manifest, "uses-sdk")) {
                compare(problems, "minSdkVersion", "26", sdk.getAttribute("android:minSdkVersion"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return problems;
    }

    /** The BOM manages every other artifact at the version of the release, and nothing else. */
    static List<String> bom(Release release) {
        List<String> problems = new ArrayList<>();
        Element project = release.pom(BOM).getDocumentElement();
        List<String> managed = Xml.elements(project, "dependencyManagement", "dependencies", "dependency").stream()
                .map(element -> Dependency.ofPomElement(element).toString())
                .sorted()
                .toList();
        List<String> expected = PUBLISHED.keySet().stream()
                .filter(artifact -> !artifact.equals(BOM))
                .map(artifact -> new Dependency("dev.holdfast", artifact, release.version()).toString())
                .toList();
        compare(problems, "what the BOM manages", expected, managed);
        return problems;
    }

    /** A bill of materials in CycloneDX that names the artifact and each dependency of its POM, and nothing of the tests. */
    static List<String> sbom(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : libraries(release)) {
            var sbom = release.json(artifact, "-cyclonedx.json");
            compare(problems, "bomFormat", "CycloneDX", sbom.path("bomFormat").asText());
            compare(
                    problems,
                    "SBOM's component",
                    artifact,
                    sbom.path("metadata").path("component").path("name").asText());
            compare(
                    problems,
                    "SBOM's version",
                    release.version(),
                    sbom.path("metadata").path("component").path("version").asText());
            Set<String> components = new TreeSet<>();
            for (var component : sbom.path("components")) {
                components.add(component.path("group").asText() + ":"
                        + component.path("name").asText() + ":"
                        + component.path("version").asText());
                if (component.path("licenses").isEmpty())
                    problems.add(artifact + "'s SBOM has no license of " + component.path("name"));
            }
            for (Dependency dependency : Dependency.ofPom(release.pom(artifact).getDocumentElement())) {
                if (!components.contains(dependency.toString()))
                    problems.add(artifact + "'s SBOM has no " + dependency);
            }
            for (String component : components) {
                if (component.contains("junit") || component.contains("jetty") || component.contains("mockwebserver")) {
                    problems.add(artifact + "'s SBOM has " + component + ", which only tests use");
                }
            }
            compare(
                    problems,
                    artifact + "'s SBOM as XML",
                    "bom",
                    Xml.parse(Release.bytes(release.file(artifact, "-cyclonedx.xml")))
                            .getDocumentElement()
                            .getTagName());
        }
        return problems;
    }

    /** Two builds of the same sources have the same bytes. */
    static List<String> reproducible(Release release, Release second) {
        List<String> problems = new ArrayList<>();
        PUBLISHED.forEach((artifact, ends) -> {
            for (String end : ends) {
                byte[] one = Release.bytes(release.file(artifact, end));
                byte[] two = Release.bytes(second.file(artifact, end));
                int at = Arrays.mismatch(one, two);
                if (at >= 0) problems.add(artifact + end + " of two builds differs from byte " + at);
            }
        });
        return problems;
    }

    /** Returns the artifacts that have a jar. */
    static List<String> libraries(Release release) {
        return release.artifacts().stream()
                .filter(artifact -> PUBLISHED.getOrDefault(artifact, List.of()).contains(".jar"))
                .toList();
    }
}

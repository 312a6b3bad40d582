package dev.holdfast.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The checks of what Gradle reads in place of the POM. */
final class GradleChecks {
    private static final String MARKER = "do_not_remove: published-with-gradle-metadata";
    private static final Map<String, String> DIGESTS =
            Map.of("sha512", "SHA-512", "sha256", "SHA-256", "sha1", "SHA-1", "md5", "MD5");

    private GradleChecks() {}

    /** The metadata is valid, about this release, and right about the files beside it; the POM refers Gradle to it. */
    static List<String> metadata(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : Checks.libraries(release)) {
            JsonNode metadata = release.json(artifact, ".module");
            schema().validate(metadata).forEach(error -> problems.add(artifact + ".module: " + error));
            if (!metadata.fieldNames().next().equals("formatVersion")) problems.add("formatVersion must come first");
            JsonNode component = metadata.path("component");
            String named = new Dependency(
                            component.path("group").asText(),
                            component.path("module").asText(),
                            component.path("version").asText())
                    .toString();
            String expected = new Dependency("dev.holdfast", artifact, release.version()).toString();
            if (!named.equals(expected)) problems.add("the component must be " + expected + ", but is " + named);
            Set<String> names = new HashSet<>();
            for (JsonNode variant : metadata.path("variants")) {
                if (!names.add(variant.path("name").asText()))
                    problems.add("two variants are named " + variant.path("name"));
                for (JsonNode file : variant.path("files")) files(problems, release, artifact, file);
            }
            for (String name : List.of("apiElements", "runtimeElements", "sourcesElements", "javadocElements")) {
                if (!names.contains(name)) problems.add(artifact + ".module has no variant " + name);
            }
            if (!Xml.comments(release.pom(artifact).getDocumentElement()).contains(MARKER)) {
                problems.add(artifact + "'s POM does not refer Gradle to the metadata");
            }
        }
        return problems;
    }

    private static void files(List<String> problems, Release release, String artifact, JsonNode file) {
        String name = file.path("name").asText();
        String start = artifact + "-" + release.version();
        if (!name.startsWith(start) || !name.equals(file.path("url").asText())) {
            problems.add(artifact + ".module names a file " + name + ", which is not beside it");
            return;
        }
        String end = name.substring(start.length());
        if (!release.has(artifact, end)) {
            problems.add(artifact + ".module names a file " + name + ", which is not there");
            return;
        }
        byte[] bytes = Release.bytes(release.file(artifact, end));
        if (file.path("size").asLong() != bytes.length) {
            problems.add("the size of " + name + " must be " + bytes.length + ", but is " + file.path("size"));
        }
        DIGESTS.forEach((key, algorithm) -> {
            if (!Checks.digest(algorithm, bytes).equals(file.path(key).asText())) {
                problems.add("the " + key + " of " + name + " is not that of the file");
            }
        });
    }

    /** The dependencies are those of the POM, except that okhttp stands in for okhttp-jvm. */
    static List<String> dependencies(Release release) {
        List<String> problems = new ArrayList<>();
        for (String artifact : Checks.libraries(release)) {
            Set<String> expected = new TreeSet<>();
            for (Dependency dependency : Dependency.ofPom(release.pom(artifact).getDocumentElement())) {
                expected.add(dependency.toString().replace(":okhttp-jvm:", ":okhttp:"));
            }
            for (JsonNode variant : release.json(artifact, ".module").path("variants")) {
                if (!variant.path("attributes")
                        .path("org.gradle.category")
                        .asText()
                        .equals("library")) continue;
                Set<String> actual = new TreeSet<>();
                for (Dependency dependency : Dependency.ofVariant(variant)) actual.add(dependency.toString());
                if (!actual.equals(expected)) {
                    problems.add(artifact + "'s " + variant.path("name").asText() + " must depend on " + expected
                            + ", but depends on " + actual);
                }
            }
        }
        return problems;
    }

    /**
     * Follows the SDK's dependency on OkHttp as Gradle does: an Android build gets okhttp-android, another one okhttp-jvm, and
     * each exactly one of them. {@code okhttp} is OkHttp's own metadata.
     */
    static List<String> okHttp(Release release, JsonNode okhttp) {
        List<String> problems = new ArrayList<>();
        for (JsonNode variant : release.json(Checks.SDK, ".module").path("variants")) {
            List<Dependency> http = Dependency.ofVariant(variant).stream()
                    .filter(dependency -> dependency.group().equals("com.squareup.okhttp3"))
                    .toList();
            if (variant.path("attributes").path("org.gradle.category").asText().equals("documentation")) continue;
            JsonNode component = okhttp.path("component");
            Dependency root = new Dependency(
                    component.path("group").asText(),
                    component.path("module").asText(),
                    component.path("version").asText());
            if (!http.equals(List.of(root))) {
                problems.add(
                        variant.path("name").asText() + " must depend on " + root + " alone, but depends on " + http);
                continue;
            }
            String usage = variant.path("attributes").path("org.gradle.usage").asText();
            for (var expected : Map.of("android", "okhttp-android", "standard-jvm", "okhttp-jvm")
                    .entrySet()) {
                Set<String> modules = new TreeSet<>();
                for (JsonNode candidate : okhttp.path("variants")) {
                    JsonNode attributes = candidate.path("attributes");
                    if (!usage.equals(attributes.path("org.gradle.usage").asText())) continue;
                    if (!"library".equals(attributes.path("org.gradle.category").asText())) continue;
                    if (!expected.getKey()
                            .equals(attributes
                                    .path("org.gradle.jvm.environment")
                                    .asText())) continue;
                    modules.add(candidate.path("available-at").path("module").asText());
                }
                if (!modules.equals(Set.of(expected.getValue()))) {
                    problems.add("for " + expected.getKey() + " and " + usage + " Gradle must find "
                            + expected.getValue() + " alone, but finds " + modules);
                }
            }
        }
        return problems;
    }

    /** Returns OkHttp's metadata, which the build copies from OkHttp's release. */
    static JsonNode ofOkHttp() {
        return resource("/okhttp.module");
    }

    private static JsonSchema schema() {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(resource("/gradle-module-metadata-1.1.schema.json"));
    }

    private static JsonNode resource(String name) {
        try (InputStream in = Objects.requireNonNull(GradleChecks.class.getResourceAsStream(name), name)) {
            return Release.JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

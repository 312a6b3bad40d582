package dev.holdfast.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.w3c.dom.Document;

/** One version of the published artifacts in a Maven repository on disk. */
record Release(Path repository, String version) {
    static final ObjectMapper JSON = new ObjectMapper();

    private Path group() {
        return repository.resolve("dev/holdfast");
    }

    /** Returns the names of the artifacts, in alphabetical order. */
    List<String> artifacts() {
        try (var folders = Files.list(group())) {
            return folders.filter(folder -> Files.isDirectory(folder.resolve(version)))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns all files of an artifact, checksums and metadata among them. */
    List<Path> files(String artifact) {
        try (var files = Files.list(group().resolve(artifact).resolve(version))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a file by the end of its name, such as {@code -sources.jar}; in a snapshot a time and a number come before it. */
    Path file(String artifact, String end) {
        String base = version.replace("-SNAPSHOT", "");
        List<Path> found = files(artifact).stream()
                .filter(file -> {
                    String name = file.getFileName().toString();
                    if (!name.startsWith(artifact + "-" + base) || !name.endsWith(end)) return false;
                    String middle = name.substring((artifact + "-" + base).length(), name.length() - end.length());
                    return version.equals(base) ? middle.isEmpty() : middle.matches("-(SNAPSHOT|[0-9.]+-[0-9]+)");
                })
                .toList();
        if (found.size() == 1) return found.get(0);
        throw new MissingFileException(
                artifact + " has " + found.size() + " files " + version + end + ", but must have one");
    }

    boolean has(String artifact, String end) {
        try {
            file(artifact, end);
            return true;
        } catch (MissingFileException e) {
            return false;
        }
    }

    /** Returns the POM. */
    Document pom(String artifact) {
        return Xml.parse(bytes(file(artifact, ".pom")));
    }

    JsonNode json(String artifact, String end) {
        try {
            return JSON.readTree(bytes(file(artifact, end)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String artifact, String end) {
        return new String(bytes(file(artifact, end)), UTF_8);
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the entries of a jar or AAR in their order, an entry that is there twice as often as it is. Without folders. */
    static List<String> entries(Path archive) {
        List<String> names = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                if (!entry.isDirectory()) names.add(entry.getName());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableList(names);
    }

    /** A file that the release should have is not there. */
    static final class MissingFileException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MissingFileException(String message) {
            super(message);
        }
    }
}

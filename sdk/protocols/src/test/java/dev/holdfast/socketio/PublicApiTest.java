package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public surface of the artifact is a file, so that a change of it shows in review. After an intended change run {@code
 * mvn -pl sdk/protocols -am test -Dtest=PublicApiTest -Dapi.update=true}, and commit the file with the change.
 */
class PublicApiTest {
    private static final Path FILE = Path.of("api", "holdfast-protocols.api");

    @Test
    void thePublicSurfaceIsTheOneInTheFile() throws Exception {
        String surface = surface();
        if (Boolean.getBoolean("api.update")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, surface);
        }
        assertEquals(
                Files.readString(FILE),
                surface,
                "the public surface has changed: if that is intended, run with -Dapi.update=true");
    }

    private static String surface() throws Exception {
        StringBuilder surface = new StringBuilder();
        for (String name : classes()) {
            Class<?> type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
            if (!Modifier.isPublic(type.getModifiers())) continue;
            surface.append(type.toGenericString()).append('\n');
            Stream.<Executable>concat(
                            Arrays.stream(type.getDeclaredConstructors()), Arrays.stream(type.getDeclaredMethods()))
                    .filter(member -> Modifier.isPublic(member.getModifiers()) && !member.isSynthetic())
                    .map(Executable::toGenericString)
                    .sorted()
                    .forEach(member -> surface.append("    ").append(member).append('\n'));
        }
        return surface.toString();
    }

    private static List<String> classes() throws IOException {
        Path root = Path.of(SocketIo.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.startsWith("META-INF"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> !name.endsWith("package-info") && !name.startsWith("dev.holdfast.internal."))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class of {@code docs/android.md}, compiled and run. */
@Tag("slow")
class AndroidNetworkMonitorTest {
    private static final Path STUBS = Path.of("src", "test", "resources", "android", "stubs");

    @TempDir
    Path folder;

    @Test
    void tellsOfTheDefaultNetwork() throws Exception {
        assertEquals(List.of("available"), told(true, "wifi", "first address"));
        assertEquals(List.of("lost"), told(false));
        assertEquals(List.of("lost", "available"), told(false, "wifi", "first address"));
        assertEquals(List.of("available", "lost", "available"), told(true, "wifi", "none", "mobile"));
    }

    @Test
    void tellsOfAnotherNetwork() throws Exception {
        assertEquals(
                List.of("available", "changed"),
                told(true, "wifi", "first address", "mobile", "second address"),
                "once, though its addresses are others");
        assertEquals(List.of("available"), told(true, "wifi", "wifi"));
    }

    @Test
    void tellsOfAnAddressThatIsGone() throws Exception {
        assertEquals(List.of("available"), told(true, "wifi", "first address", "both addresses", "both addresses"));
        assertEquals(List.of("available", "changed"), told(true, "wifi", "both addresses", "second address"));
        assertEquals(List.of("available", "changed"), told(true, "wifi", "first address", "second address"));
    }

    @Tag("android")
    @Test
    void compilesForAndroid() throws Exception {
        Class<?> android = Class.forName(
                "android.net.ConnectivityManager", false, getClass().getClassLoader());
        compile(List.of(source()), whereIs(android), "--release", "8");
    }

    /** What a listener is told, from before the first event to after the last. */
    private List<String> told(boolean online, String... events) throws Exception {
        List<Path> sources = new ArrayList<>(List.of(source()));
        try (Stream<Path> stubs = Files.walk(STUBS)) {
            stubs.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
        }
        compile(sources, "");
        NetworkRecorder recorder = new NetworkRecorder();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            Class<?> type = loader.loadClass("Device");
            @SuppressWarnings("unchecked")
            Consumer<String> device = (Consumer<String>) type.getConstructor().newInstance();
            NetworkMonitor monitor =
                    (NetworkMonitor) type.getMethod("start", boolean.class).invoke(device, online);
            monitor.watch(recorder);
            for (String event : events) device.accept(event);
        }
        return recorder.calls();
    }

    private Path source() throws IOException {
        String docs = Files.readString(Path.of("..", "..", "docs", "android.md"));
        String begin = "```java\n";
        // The block that is a class, not the one that is a statement.
        int from = docs.indexOf(begin + "import") + begin.length();
        Path file = folder.resolve("AndroidNetworkMonitor.java");
        return Files.writeString(file, docs.substring(from, docs.indexOf("```", from)));
    }

    private void compile(List<Path> sources, String android, String... options) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-proc:none", "-d", folder.toString()));
        all.addAll(List.of("-classpath", whereIs(NetworkMonitor.class) + File.pathSeparator + android));
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages, files, null, all, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertTrue(compiled, messages::toString);
        }
    }

    private static String whereIs(Class<?> type) {
        return Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }
}

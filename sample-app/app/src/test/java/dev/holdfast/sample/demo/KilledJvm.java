package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sqlite.util.LibraryLoaderUtil;

/** A process with SQLite stores, which a test kills. Processes of a folder write what they do to files there. */
final class KilledJvm implements AutoCloseable {
    private final Process process;

    private KilledJvm(Process process) {
        this.process = process;
    }

    /** Copies SQLite's library into the folder, once: otherwise each process that is killed leaves a copy. */
    static void prepare(Path folder) throws IOException {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (var library = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            Files.copy(library, folder.resolve(LibraryLoaderUtil.getNativeLibName()));
        }
    }

    static KilledJvm start(Path folder, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.sqlite.lib.path=" + folder,
                "-Dorg.sqlite.lib.name=" + LibraryLoaderUtil.getNativeLibName(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new KilledJvm(new ProcessBuilder(command).inheritIO().start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the process with SIGKILL. */
    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    // ---- the files ----

    static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> lines(Path file) throws IOException {
        if (!Files.exists(file)) return List.of();
        String all = Files.readString(file, StandardCharsets.US_ASCII);
        // A line without an end is being written.
        return all.substring(0, all.lastIndexOf('\n') + 1).lines().toList();
    }

    /**
     * Checks the messages that the processes have handled, which are numbers: each of them, and only twice in two processes.
     *
     * @param handled the numbers, in the order in which they were handled
     * @param ends how many had been handled at the end of each process
     * @return how many came twice
     */
    static int check(List<Integer> handled, List<Integer> ends, int newest) {
        Map<Integer, Integer> processes = new HashMap<>();
        int process = 0;
        int again = 0;
        for (int i = 0; i < handled.size(); i++) {
            while (i >= ends.get(process)) process++;
            Integer before = processes.put(handled.get(i), process);
            if (before == null) continue;
            again++;
            assertTrue(before < process, handled.get(i) + " came twice in one process");
        }
        for (int number = 1; number <= newest; number++) {
            assertTrue(processes.containsKey(number), number + " of " + newest + " is missing");
        }
        return again;
    }
}

package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.sqlite.util.LibraryLoaderUtil;

/** The processes of {@link KilledClient}, one after another, and the folder of their store. */
final class KilledProcesses implements AutoCloseable {
    private final Path folder;
    private final KilledReports reports = new KilledReports();

    /** Creates a folder in which there is no store yet. */
    KilledProcesses() throws IOException {
        folder = Files.createTempDirectory("holdfast-killed");
        unpackSqlite();
    }

    /** Unpacks SQLite's library once: each process would do so anew, and a killed one leaves its copy behind. */
    private void unpackSqlite() throws IOException {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream library = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            if (library == null) throw new IOException("SQLite has no library for this system: " + resource);
            Files.copy(library, folder.resolve(LibraryLoaderUtil.getNativeLibName()));
        }
    }

    /** Returns whether a Java that runs them can be found. */
    static boolean isPossible() {
        return Files.isExecutable(java()) || Files.isExecutable(Path.of(java() + ".exe"));
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** Returns the store's file. */
    Path file() {
        return folder.resolve("session.db");
    }

    /** Returns what the processes report. */
    KilledReports reports() {
        return reports;
    }

    /**
     * Starts a process.
     *
     * @param arrived the highest number that has arrived at the server
     * @param last the highest number to send
     * @param offline how many messages to send before there is a connection
     * @param nanosBetween the time between two messages after that
     */
    Process start(Peer peer, String token, int arrived, int last, int offline, long nanosBetween) throws IOException {
        Process process = new ProcessBuilder(
                        java().toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.sqlite.lib.path=" + folder,
                        "-Dorg.sqlite.lib.name=" + LibraryLoaderUtil.getNativeLibName(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledClient.class.getName(),
                        peer.url(),
                        token,
                        file().toString(),
                        Integer.toString(arrived),
                        Integer.toString(last),
                        Integer.toString(offline),
                        Long.toString(nanosBetween))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        reports.follow(process);
        return process;
    }

    /** Kills a process, and waits until its reports are read. */
    void kill(Process process) throws InterruptedException {
        // SIGKILL. Process.destroyForcibly would also close the pipe, with the reports that it has.
        process.toHandle().destroyForcibly();
        process.waitFor();
        reports.awaitEnd();
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}

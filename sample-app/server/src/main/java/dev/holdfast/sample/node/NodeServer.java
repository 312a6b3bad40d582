package dev.holdfast.sample.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The server of sample-app/server-node as a process, if need be with a planted fault. */
public final class NodeServer implements AutoCloseable {
    static final Path FOLDER = folder();
    private static final Path PACKAGES = FOLDER.resolve("target").resolve("node_modules");
    private static final String TTL = "TTL=6000";
    /** Small enough that the conformance suite can fill the log. */
    private static final int MAX_LOG = 2_000;

    private final int port;
    private final ChildProcess process;

    private NodeServer(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    private static Path folder() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .map(folder -> folder.resolve("sample-app").resolve("server-node"))
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow();
    }

    /** Returns what is not installed, or empty if the server can be started. */
    public static Optional<String> missing() {
        if (Programs.find("node").isEmpty()) return Optional.of(Programs.missing("node"));
        if (Files.isDirectory(PACKAGES)) return Optional.empty();
        return Optional.of(
                "the packages of sample-app/server-node are not installed; .ci/install-interop installs them");
    }

    public static NodeServer start() {
        return withLogOf(MAX_LOG);
    }

    /** Starts a server that keeps so many messages of a session. */
    public static NodeServer withLogOf(int messages) {
        return start(FOLDER, ChildProcess.newFolder(), messages);
    }

    /** Starts a copy of the server with a fault. */
    public static NodeServer startWith(String mutant) throws IOException, InterruptedException {
        Path copy = ChildProcess.newFolder();
        run(FOLDER.resolve("test").resolve("mutants.js").toString(), mutant, copy.toString());
        return start(copy, copy, MAX_LOG);
    }

    private static NodeServer start(Path source, Path folder, int maxLog) {
        int port = ChildProcess.freePort();
        List<String> command = List.of(
                "/usr/bin/env",
                "NODE_PATH=" + PACKAGES,
                "PORT=" + port,
                TTL,
                "MAXLOG=" + maxLog,
                node(),
                source.resolve("conformance.js").toString());
        return new NodeServer(port, ChildProcess.start(folder, port, command));
    }

    /** Returns the faults that can be planted, each with what it does. */
    public static Map<String, String> mutants() throws IOException, InterruptedException {
        Map<String, String> mutants = new LinkedHashMap<>();
        run(FOLDER.resolve("test").resolve("mutants.js").toString()).lines().forEach(line -> {
            String[] parts = line.split("\t", 2);
            mutants.put(parts[0], parts[1]);
        });
        return mutants;
    }

    private static String run(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of(node()), Stream.of(arguments)).toList())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(output);
        return output;
    }

    private static String node() {
        return Programs.require("node");
    }

    public int port() {
        return port;
    }

    public String url() {
        return "ws://127.0.0.1:" + port + "/live";
    }

    @Override
    public void close() {
        process.close();
    }
}

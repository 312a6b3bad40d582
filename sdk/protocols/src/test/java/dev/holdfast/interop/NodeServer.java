package dev.holdfast.interop;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A server on Node, in a process of its own, which ends with this object or this JVM. */
public final class NodeServer implements AutoCloseable {
    private static final boolean REQUIRED = Boolean.getBoolean("interop.required");
    private static final Path FOLDER = Path.of("target", "interop").toAbsolutePath();
    private static final long START_LIMIT_SECONDS = 20;

    private final String npmPackage;
    private final String script;
    private final int port;
    private final List<String> settings;
    private Process process;

    /**
     * Starts a server. The test is skipped, with a reason, if Node or the package is not there.
     *
     * @param npmPackage the npm package that must be installed
     * @param script the name of the script in {@code src/test/resources/interop}; its first argument is the port
     * @param settings its other arguments
     */
    public NodeServer(String npmPackage, String script, String... settings) throws Exception {
        this.npmPackage = npmPackage;
        this.script = script;
        this.settings = List.of(settings);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        start();
    }

    /** Returns the port on the loopback interface. */
    public int port() {
        return port;
    }

    private static String node() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, "node"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseGet(() -> missing("program node"));
    }

    private static String missing(String what) {
        String message = what + " is not installed: run .ci/install-interop";
        return REQUIRED ? fail(message) : Assumptions.abort(message);
    }

    private void start() throws Exception {
        Path packages = FOLDER.resolve("node_modules");
        if (!Files.isDirectory(packages.resolve(npmPackage))) missing("npm package " + npmPackage);
        Path file = Path.of(NodeServer.class.getResource("/interop/" + script).toURI());
        List<String> command = Stream.concat(
                        Stream.of(node(), file.toString(), Integer.toString(port)), settings.stream())
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve(npmPackage + "-" + port + ".log").toFile());
        builder.environment().put("NODE_PATH", packages.toString());
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        awaitListening();
    }

    private void awaitListening() throws Exception {
        long start = System.nanoTime();
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
                if (late || !process.isAlive()) throw notYet;
                Thread.sleep(20);
            }
        }
    }

    /** Kills the process. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Kills the process and starts another one on the same port. */
    public void restart() throws Exception {
        kill();
        start();
    }

    @Override
    public void close() {
        kill();
    }
}

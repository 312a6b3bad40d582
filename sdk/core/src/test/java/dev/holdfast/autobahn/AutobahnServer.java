package dev.holdfast.autobahn;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** The Autobahn test suite as a fuzzing server, in a process of its own. Its jars must be on the class path. */
final class AutobahnServer implements AutoCloseable {
    private static final long START_LIMIT_SECONDS = 120;

    private final Process process;
    private final int port;
    private final Path log;

    private AutobahnServer(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** @param cases such as {@code "1.*,2.*"} or {@code "*"} */
    static AutobahnServer start(Path folder, String cases) throws IOException {
        Files.createDirectories(folder);
        Path boot = folder.resolve("boot.py");
        try (InputStream script = AutobahnServer.class.getResourceAsStream("/autobahn/boot.py")) {
            Files.write(boot, script.readAllBytes());
        }
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path log = folder.resolve("server.log");
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.contains("autobahntestsuite") || entry.contains("jython"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dpython.cachedir.skip=true",
                        "-cp",
                        classPath,
                        "org.python.util.jython",
                        boot.toString(),
                        Integer.toString(port),
                        folder.resolve("reports").toString(),
                        cases)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        AutobahnServer server = new AutobahnServer(process, port, log);
        server.awaitListening();
        return server;
    }

    private void awaitListening() throws IOException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() > limit) {
                    close();
                    throw new IOException("Autobahn server did not start:\n" + Files.readString(log), notYet);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

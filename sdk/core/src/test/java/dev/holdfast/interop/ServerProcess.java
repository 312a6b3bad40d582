package dev.holdfast.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server in a process of its own, which ends with this object, and at the latest with this JVM. */
final class ServerProcess implements AutoCloseable {
    static final Path FOLDER = Path.of("target", "interop").toAbsolutePath();

    private static final long START_LIMIT_SECONDS = 20;

    private final Process process;
    private final Thread atExit;

    private ServerProcess(Process process) {
        this.process = process;
        atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts a server, and waits until it listens.
     *
     * @param name of its log
     * @param port that it is to listen on
     */
    static ServerProcess start(String name, int port, List<String> command, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(FOLDER);
        Path log = FOLDER.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        ServerProcess server = new ServerProcess(builder.start());
        try {
            server.awaitListening(port);
        } catch (IOException e) {
            server.close();
            throw new IOException(name + " did not start:\n" + Files.readString(log), e);
        }
        return server;
    }

    /** A port that nobody listens on. */
    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Where the resource is as a file. */
    static Path resource(String name) throws Exception {
        return Path.of(ServerProcess.class.getResource("/interop/" + name).toURI());
    }

    private void awaitListening(int port) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                long waited = System.nanoTime() - start;
                if (!process.isAlive() || waited > TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS)) throw notYet;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending already.
        }
    }
}

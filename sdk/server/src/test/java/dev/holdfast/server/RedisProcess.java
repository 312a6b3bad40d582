package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A private Redis that keeps nothing on disk. If the program is not installed, the test is skipped and prints why; with
 * {@code -Dinterop.required=true} it fails.
 */
final class RedisProcess implements AutoCloseable {
    private static final String PROGRAM = "redis-server";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int port;
    private final Process process;
    private final Thread atExit;

    private RedisProcess(int port, Process process) {
        this.port = port;
        this.process = process;
        this.atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static RedisProcess start() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        program(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no")
                .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        RedisProcess redis = new RedisProcess(port, process);
        redis.awaitListening();
        return redis;
    }

    private static String program() {
        // The folders of daemons are not on every user's path.
        String folders = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(folders.split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseGet(RedisProcess::missing);
    }

    private static String missing() {
        String message = PROGRAM + " is not installed; Debian's package of that name has it";
        if (Boolean.getBoolean("interop.required")) fail(message);
        System.err.println("skipped: " + message);
        return Assumptions.abort(message);
    }

    private void awaitListening() {
        long begin = System.nanoTime();
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() - begin > PATIENCE_NANOS) {
                    close();
                    throw new IllegalStateException(PROGRAM + " does not listen on " + port, notYet);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    String address() {
        return "redis://127.0.0.1:" + port + "/0";
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This process is about to exit, and its shutdown hook does the same.
        }
    }
}

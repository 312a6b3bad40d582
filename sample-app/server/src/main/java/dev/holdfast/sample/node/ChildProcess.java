package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A server in its own process and its own folder. Both end when this object is closed or this process exits. */
final class ChildProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(10);
    private static final String LOG = "log";

    private final Process process;
    private final Path folder;
    private final Thread atExit;

    private ChildProcess(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        this.atExit = new Thread(this::killAndDelete);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts a server in a folder that it may fill, and waits until it listens on a local port. */
    static ChildProcess start(Path folder, int port, List<String> command) {
        return start(folder, List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)), command);
    }

    /** Starts a server in a folder that it may fill, and waits until it listens at each of the addresses. */
    static ChildProcess start(Path folder, List<InetSocketAddress> addresses, List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve(LOG).toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChildProcess child = new ChildProcess(process, folder);
        for (InetSocketAddress address : addresses) {
            if (!child.awaitListening(address)) {
                String said = child.log();
                child.close();
                throw new IllegalStateException(command.get(0) + " does not listen on " + address + ":\n" + said);
            }
        }
        return child;
    }

    static Path newFolder() {
        try {
            return Files.createTempDirectory("holdfast-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a port that nobody listens on. */
    static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean awaitListening(InetSocketAddress address) {
        long begin = System.nanoTime();
        while (process.isAlive() && System.nanoTime() - begin < PATIENCE.toNanos()) {
            try (Socket probe = new Socket()) {
                probe.connect(address);
                return true;
            } catch (IOException notYet) {
                LockSupport.parkNanos(BETWEEN_PROBES.toNanos());
            }
        }
        return false;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve(LOG), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Sends the process a signal, named as for {@code kill}. */
    void signal(String name) {
        try {
            String pid = Long.toString(process.pid());
            int code = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
            if (code != 0) throw new IllegalStateException("kill -" + name + " " + pid + " failed");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills the process without a chance to shut down, and keeps its folder. */
    void kill() {
        forgetExit();
        process.destroyForcibly().onExit().join();
    }

    private void killAndDelete() {
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The system's own clean-up of temporary files removes it later.
        }
    }

    @Override
    public void close() {
        forgetExit();
        killAndDelete();
    }

    private void forgetExit() {
        try {
            boolean unused = Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This process is about to exit, and its shutdown hook will do the same.
        }
    }
}

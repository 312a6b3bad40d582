package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A private Redis in its own process, which can be killed and restarted. Its data last as long as this object. */
public final class RedisServer implements AutoCloseable {
    public static final String PROGRAM = "redis-server";

    private static final String DATA = "appendonlydir";

    private final int port = ChildProcess.freePort();
    private final Path folder = ChildProcess.newFolder();
    private final List<String> settings;
    private ChildProcess process;

    private RedisServer(List<String> settings) {
        this.settings = settings;
        this.process = run();
    }

    /** Starts a Redis that keeps nothing on disk. */
    public static RedisServer start() {
        return new RedisServer(List.of("--appendonly", "no"));
    }

    /** Starts a Redis that writes every change to a file, and to the disk as {@code appendfsync} says. */
    public static RedisServer durable(String appendfsync) {
        return new RedisServer(List.of("--appendonly", "yes", "--appendfsync", appendfsync));
    }

    private ChildProcess run(String... changed) {
        List<String> command = new ArrayList<>(List.of(
                Programs.require(PROGRAM),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toString(),
                "--repl-diskless-sync-delay",
                "0",
                "--save",
                ""));
        command.addAll(settings);
        command.addAll(List.of(changed));
        return ChildProcess.start(folder, port, command);
    }

    public int port() {
        return port;
    }

    /** Returns the address of one of its databases. */
    public String address(int database) {
        return "redis://127.0.0.1:" + port + "/" + database;
    }

    /** Kills the process, as {@code kill -9} does. */
    public synchronized void kill() {
        process.kill();
    }

    /** Starts the process again, with what it has written, and with settings that replace earlier ones. */
    public synchronized void startAgain(String... changed) {
        process = run(changed);
    }

    /** Copies what the process has written so far to a new folder, for {@link #restore}. */
    public Path save() {
        Path copy = ChildProcess.newFolder();
        copy(folder.resolve(DATA), copy);
        return copy;
    }

    /** Puts what was saved in the place of everything written since, as if that had not reached the disk. */
    public void restore(Path saved) {
        copy(saved, folder.resolve(DATA));
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        process.close();
    }
}

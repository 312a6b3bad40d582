package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
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
    private static final List<String> LOCAL = List.of("127.0.0.1");
    private static final List<String> NOTHING_KEPT = List.of("--appendonly", "no");

    private final int port = ChildProcess.freePort();
    private final Path folder = ChildProcess.newFolder();
    private final List<String> addresses;
    private final List<String> launcher;
    private final List<String> settings;
    private ChildProcess process;

    private RedisServer(List<String> addresses, List<String> launcher, List<String> settings) {
        this.addresses = addresses;
        this.launcher = launcher;
        this.settings = settings;
        this.process = run();
    }

    /** Starts a Redis that keeps nothing on disk. */
    public static RedisServer start() {
        return new RedisServer(LOCAL, List.of(), NOTHING_KEPT);
    }

    /**
     * Starts a Redis that keeps nothing on disk and takes everyone who reaches it.
     *
     * @param launcher a command that runs another one in its own process
     */
    static RedisServer at(List<String> addresses, List<String> launcher) {
        List<String> settings = new ArrayList<>(NOTHING_KEPT);
        settings.addAll(List.of("--protected-mode", "no"));
        return new RedisServer(addresses, launcher, settings);
    }

    /** Starts a Redis that writes every change to a file, and to the disk as {@code appendfsync} says. */
    public static RedisServer durable(String appendfsync) {
        return new RedisServer(LOCAL, List.of(), List.of("--appendonly", "yes", "--appendfsync", appendfsync));
    }

    private ChildProcess run(String... changed) {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(Programs.require(PROGRAM), "--port", Integer.toString(port), "--bind"));
        command.addAll(addresses);
        command.addAll(List.of("--dir", folder.toString(), "--repl-diskless-sync-delay", "0", "--save", ""));
        command.addAll(settings);
        command.addAll(List.of(changed));
        List<InetSocketAddress> listening = addresses.stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
        return ChildProcess.start(folder, listening, command);
    }

    public int port() {
        return port;
    }

    /** Returns the address of one of its databases. */
    public String address(int database) {
        return "redis://" + addresses.get(0) + ":" + port + "/" + database;
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

package dev.holdfast.sample.node;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@link Serve} in its own process, which can be killed and restarted. */
public final class ServerNode implements AutoCloseable {
    private final String log;
    private final int port = ChildProcess.freePort();
    private ChildProcess process;

    private ServerNode(String log) {
        this.log = log;
        this.process = run();
    }

    /** Starts a server whose sessions are kept at an address. */
    public static ServerNode start(String log) {
        return new ServerNode(log);
    }

    private ChildProcess run() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                Serve.class.getName(),
                "--port",
                Integer.toString(port),
                "--log",
                log);
        return ChildProcess.start(ChildProcess.newFolder(), port, command);
    }

    /** Returns this process's class path in a form that holds in another folder. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    public int port() {
        return port;
    }

    /** Kills the process, as {@code kill -9} does. */
    public synchronized void kill() {
        process.close();
    }

    /** Suspends the process. */
    public synchronized void stop() {
        process.signal("STOP");
    }

    /** Resumes the process after {@link #stop}. */
    public synchronized void goOn() {
        process.signal("CONT");
    }

    public synchronized void startAgain() {
        process = run();
    }

    @Override
    public void close() {
        kill();
    }
}

package dev.holdfast.sample.node;

import java.nio.file.Path;
import java.util.List;

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
                System.getProperty("java.class.path"),
                Serve.class.getName(),
                "--port",
                Integer.toString(port),
                "--log",
                log);
        return ChildProcess.start(ChildProcess.newFolder(), port, command);
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

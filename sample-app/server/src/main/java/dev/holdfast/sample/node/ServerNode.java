package dev.holdfast.sample.node;

import java.nio.file.Path;
import java.util.List;

/** {@link Serve} in a process of its own, which can be killed and started again. */
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

    /** As {@code kill -9} does. */
    public synchronized void kill() {
        process.close();
    }

    /** Lets it stand still. */
    public synchronized void stop() {
        process.signal("STOP");
    }

    /** Lets it go on after {@link #stop}. */
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

package dev.holdfast.sample.node;

import java.util.List;

/** A private Redis that keeps nothing on disk. */
public final class RedisServer implements AutoCloseable {
    public static final String PROGRAM = "redis-server";

    private final int port;
    private final ChildProcess process;

    private RedisServer(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    public static RedisServer start() {
        int port = ChildProcess.freePort();
        List<String> command = List.of(
                Programs.require(PROGRAM),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
        return new RedisServer(port, ChildProcess.start(ChildProcess.newFolder(), port, command));
    }

    public int port() {
        return port;
    }

    /** Returns the address of one of its databases. */
    public String address(int database) {
        return "redis://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        process.close();
    }
}

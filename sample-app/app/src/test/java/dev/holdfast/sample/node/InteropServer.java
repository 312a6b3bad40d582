package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A server that people run, one of those that the interop tests of the protocols use: a public npm package on Node, or RabbitMQ. */
public final class InteropServer implements AutoCloseable {
    private static final Path PROTOCOLS =
            Path.of("..", "..", "sdk", "protocols").toAbsolutePath();

    private static final Path SCRIPTS = PROTOCOLS.resolve("src/test/resources/interop");

    private final Path folder = ChildProcess.newFolder();
    private final int port = ChildProcess.freePort();
    private final List<String> command;
    private ChildProcess process;

    /**
     * Starts a server.
     *
     * @param settings the arguments of the script after the port; {@code FOLDER} stands for a folder of its own
     */
    private InteropServer(List<String> interpreter, String script, String... settings) {
        command = new ArrayList<>(interpreter);
        command.add(SCRIPTS.resolve(script).toString());
        command.add(Integer.toString(port));
        for (String setting : settings) command.add(setting.replace("FOLDER", folder.toString()));
        process = ChildProcess.start(folder, port, command);
    }

    /**
     * Starts a server on Node. If Node or the package is not installed, the test is skipped and prints why; with
     * {@code -Dinterop.required=true} it fails.
     *
     * @param script a script of {@code sdk/protocols/src/test/resources/interop}, whose first argument is the port
     * @param settings its other arguments; {@code FOLDER} stands for a folder of its own
     */
    public static InteropServer start(String npmPackage, String script, String... settings) {
        Path packages = PROTOCOLS.resolve("target/interop/node_modules");
        if (Programs.find("node").isEmpty()) missing("the program node");
        if (!Files.isDirectory(packages.resolve(npmPackage))) missing("the npm package " + npmPackage);
        return new InteropServer(List.of("env", "NODE_PATH=" + packages, Programs.require("node")), script, settings);
    }

    /** Starts RabbitMQ with STOMP over WebSocket, or skips the test if it is not installed, as {@link #start} does. */
    public static InteropServer rabbitMq() {
        if (!Files.isExecutable(Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server"))) missing("rabbitmq-server");
        String epmd = Integer.toString(ChildProcess.freePort());
        String distribution = Integer.toString(ChildProcess.freePort());
        return new InteropServer(List.of("sh"), "rabbitmq-server.sh", "FOLDER", epmd, distribution);
    }

    /** Kills the server and starts it again, on the same port and with the same folder. */
    public void restart() {
        process.kill();
        process = ChildProcess.start(folder, port, command);
    }

    private static void missing(String what) {
        String message = what + " is not installed: run .ci/install-interop";
        if (Boolean.getBoolean("interop.required")) fail(message);
        System.err.println("skipped: " + message);
        Assumptions.abort(message);
    }

    /** Returns the port on the loopback interface. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}

package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A server on Node with a public npm package, one of those that the interop tests of the protocols use. */
public final class InteropServer implements AutoCloseable {
    private static final Path PROTOCOLS =
            Path.of("..", "..", "sdk", "protocols").toAbsolutePath();

    private final ChildProcess process;
    private final int port;

    private InteropServer(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a server. If Node or the package is not installed, the test is skipped and prints why; with
     * {@code -Dinterop.required=true} it fails.
     *
     * @param script a script of {@code sdk/protocols/src/test/resources/interop}, whose first argument is the port
     * @param settings its other arguments; {@code FOLDER} stands for a folder of its own
     */
    public static InteropServer start(String npmPackage, String script, String... settings) {
        Path packages = PROTOCOLS.resolve("target/interop/node_modules");
        if (Programs.find("node").isEmpty()) missing("the program node");
        if (!Files.isDirectory(packages.resolve(npmPackage))) missing("the npm package " + npmPackage);
        Path folder = ChildProcess.newFolder();
        int port = ChildProcess.freePort();
        List<String> command = new ArrayList<>(List.of("env", "NODE_PATH=" + packages, Programs.require("node")));
        command.add(
                PROTOCOLS.resolve("src/test/resources/interop").resolve(script).toString());
        command.add(Integer.toString(port));
        for (String setting : settings) command.add(setting.replace("FOLDER", folder.toString()));
        return new InteropServer(ChildProcess.start(folder, port, command), port);
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

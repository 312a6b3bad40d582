package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A STOMP broker in a process of its own, which ends with this object or this JVM. Its data outlives the process. */
final class Broker implements AutoCloseable {
    private static final Path RABBITMQ = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final long START_LIMIT_SECONDS = 120;

    private final int port;
    private final Path folder;
    private final ProcessBuilder command;
    private Process process;

    private Broker(String name, int port, ProcessBuilder command) throws IOException {
        this.port = port;
        this.folder = folder(name, port);
        this.command = command.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    }

    private static Path folder(String name, int port) throws IOException {
        return Files.createDirectories(
                Path.of("target", "interop", name + "-" + port).toAbsolutePath());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Starts a broker whose class has a {@code main} with the port and the folder of its data. */
    static Broker ofClass(Class<?> main) throws Exception {
        int port = freePort();
        String name = main.getSimpleName();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Broker broker = new Broker(
                name,
                port,
                new ProcessBuilder(
                        java,
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        Integer.toString(port),
                        folder(name, port).toString()));
        broker.start();
        return broker;
    }

    /** Starts RabbitMQ, with ports and a folder of its own. The test is skipped, with a reason, if it is not installed. */
    static Broker rabbitMq() throws Exception {
        if (!Files.isExecutable(RABBITMQ)) {
            String missing = "rabbitmq-server is not installed: run .ci/install-interop";
            if (Boolean.getBoolean("interop.required")) fail(missing);
            Assumptions.abort(missing);
        }
        int port = freePort();
        Broker broker = new Broker(
                "rabbitmq",
                port,
                new ProcessBuilder(
                        "sh",
                        Path.of("src/test/resources/interop/rabbitmq-server.sh").toString(),
                        Integer.toString(port),
                        folder("rabbitmq", port).toString(),
                        Integer.toString(freePort()),
                        Integer.toString(freePort())));
        broker.start();
        return broker;
    }

    int port() {
        return port;
    }

    void start() throws Exception {
        process = command.start();
        Process started = process;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        long start = System.nanoTime();
        while (!isListening()) {
            boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
            if (late || !process.isAlive()) {
                String log = Files.readString(folder.resolve("log"));
                fail("the broker did not start: " + log.substring(Math.max(0, log.length() - 2_000)));
            }
            Thread.sleep(20);
        }
    }

    private boolean isListening() {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Kills the process. */
    void kill() {
        Stream<ProcessHandle> children = process.descendants();
        process.destroyForcibly().onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        kill();
    }
}

package dev.holdfast.sample;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that runs a command of {@code holdfast.jar}, and everything it has printed. */
final class Program implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();
    private final List<Thread> readers = new ArrayList<>();

    private Program(Process process) {
        this.process = process;
        readers.add(read(process.getInputStream(), output));
        readers.add(read(process.getErrorStream(), errors));
    }

    /** Returns the path of the jar, which the build makes before these tests. */
    static Path jar() {
        return Path.of(System.getProperty("holdfast.jar", "target/holdfast.jar"));
    }

    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jar().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    static Program start(String... arguments) throws IOException {
        return start(Map.of(), command(arguments));
    }

    static Program start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return new Program(builder.start());
    }

    private static Thread read(InputStream stream, StringWriter text) {
        Thread reader = new Thread(() -> {
            byte[] buffer = new byte[8192];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    text.write(new String(buffer, 0, n, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // The process has ended.
            }
        });
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    String output() {
        return output.toString();
    }

    String errors() {
        return errors.toString();
    }

    /** Writes to the input of the process. */
    void type(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Closes the reading end of the process's output. */
    void closeOutput() throws IOException {
        process.getInputStream().close();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Waits until the output matches a pattern, and returns the first group, or the match if there is none. */
    String await(String pattern) throws InterruptedException {
        return await(output, pattern);
    }

    String awaitError(String pattern) throws InterruptedException {
        return await(errors, pattern);
    }

    private String await(StringWriter text, String pattern) throws InterruptedException {
        Pattern compiled = Pattern.compile(pattern);
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < limit) {
            Matcher matcher = compiled.matcher(text.toString());
            if (matcher.find()) return matcher.groupCount() == 0 ? matcher.group() : matcher.group(1);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return fail("no " + pattern + " in:\n" + output + "\nerrors:\n" + errors);
    }

    /** Waits for the end, and returns the exit code. */
    int exitCode() throws InterruptedException {
        assertTrue(
                process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS),
                () -> "does not end:\n" + output + "\nerrors:\n" + errors);
        for (Thread reader : readers) {
            reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}

package dev.holdfast.benchmarks.start;

import dev.holdfast.benchmarks.run.ChildProcess;
import dev.holdfast.benchmarks.server.BenchmarkServer;
import dev.holdfast.benchmarks.wire.Work;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures small programs from their start to their first message: time, bytes allocated, and classes loaded. Each is a JVM of its
 * own, with its compilers, with only the fast one, and without any, which is the nearest to a cold phone. With the path of R8's jar
 * the programs run as R8 leaves them in full mode, too. The programs take turns. Prints Markdown.
 */
public final class ColdStart {
    private static final int ROUNDS = Integer.getInteger("start.rounds", 5);
    /** As on Android 8, the oldest that the SDK runs on. */
    private static final String MIN_API = "26";

    /** The jars that the programs need. */
    private static final String LIBRARIES =
            ".*/(holdfast-sdk|okhttp-jvm|okio-jvm|jackson-(core|databind|annotations)|kotlin-stdlib|jspecify|annotations)-[^/]*\\.jar";

    private static final String RULES = "META-INF/(proguard|com\\.android\\.tools)/.*\\.pro";

    enum Program {
        OKHTTP("OkHttp", OkHttpStart.class),
        PLAIN("Holdfast", PlainStart.class),
        CLIENT("Holdfast, reconnecting", ClientStart.class),
        SESSION("Holdfast, session", SessionStart.class);

        private final String title;
        private final Class<?> main;

        Program(String title, Class<?> main) {
            this.title = title;
            this.main = main;
        }
    }

    private enum Mode {
        COMPILED("both compilers", List.of()),
        FAST("-XX:TieredStopAtLevel=1", List.of("-XX:TieredStopAtLevel=1")),
        INTERPRETED("-Xint", List.of("-Xint"));

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // of List.of
        private final List<String> options;

        Mode(String title, List<String> options) {
            this.title = title;
            this.options = options;
        }
    }

    private record Start(long micros, long bytes) {}

    private final Path folder;
    private final int port;

    ColdStart(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Takes the path of R8's jar, or nothing. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("holdfast-start");
        try (ChildProcess server = new ChildProcess(List.of(), List.of("-Xmx64m"), BenchmarkServer.class)) {
            ColdStart starts = new ColdStart(folder, Integer.parseInt(server.readLine()));
            System.out.print(starts.table("as compiled by javac", Map.of()));
            if (args.length == 0) {
                System.out.println("skipped: the same through R8; name the path of its jar");
            } else {
                System.out.print(starts.table("through R8", starts.shrunk(Path.of(args[0]))));
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Collections.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private String table(String title, Map<Program, Path> jars) throws Exception {
        StringBuilder table = new StringBuilder("| " + title + " | classes loaded | bytes allocated |");
        for (Mode mode : Mode.values()) table.append(" ms, ").append(mode.title).append(" |");
        table.append("\n|---|---|---|---|---|---|\n");
        Map<Program, Map<Mode, List<Start>>> starts = new EnumMap<>(Program.class);
        // The first round fills the caches of the machine.
        for (int round = 0; round <= ROUNDS; round++) {
            for (Mode mode : Mode.values()) {
                for (Program program : Program.values()) {
                    Start start = start(program, jars.get(program), mode.options);
                    if (round == 0) continue;
                    starts.computeIfAbsent(program, key -> new EnumMap<>(Mode.class))
                            .computeIfAbsent(mode, key -> new ArrayList<>())
                            .add(start);
                }
            }
        }
        for (Program program : Program.values()) {
            Map<Mode, List<Start>> of = starts.getOrDefault(program, Map.of());
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d |",
                    program.title,
                    classes(program, jars.get(program)).size(),
                    sorted(of, Mode.INTERPRETED).get(ROUNDS / 2).bytes()));
            for (Mode mode : Mode.values()) {
                List<Start> runs = sorted(of, mode);
                table.append(String.format(
                        Locale.ROOT,
                        " %.0f (%.0f to %.0f) |",
                        runs.get(ROUNDS / 2).micros() / 1e3,
                        runs.get(0).micros() / 1e3,
                        runs.get(ROUNDS - 1).micros() / 1e3));
            }
            table.append('\n');
        }
        return table.append('\n').toString();
    }

    private static List<Start> sorted(Map<Mode, List<Start>> starts, Mode mode) {
        return starts.getOrDefault(mode, List.of()).stream()
                .sorted((a, b) -> Long.compare(a.micros(), b.micros()))
                .toList();
    }

    private Start start(Program program, @Nullable Path jar, List<String> options) throws Exception {
        Scanner printed = new Scanner(run(program, jar, options));
        return new Start(printed.nextLong(), printed.nextLong());
    }

    /** Returns the classes that a program loads from its first line to its first message, those of the JDK included. */
    List<String> classes(Program program, @Nullable Path jar) throws Exception {
        Path log = folder.resolve(program + ".log");
        String unused = run(program, jar, List.of("-Xlog:class+load:file=" + log + ":none"));
        List<String> lines = Files.readAllLines(log);
        return lines.subList(indexOf(lines, FirstMessage.BEGIN) + 1, indexOf(lines, FirstMessage.END));
    }

    private static int indexOf(List<String> log, String type) {
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).startsWith(type + " source")) return i;
        }
        throw new IllegalStateException(type + " was not loaded");
    }

    private String run(Program program, @Nullable Path jar, List<String> options) throws Exception {
        List<String> command = java(jar == null ? System.getProperty("java.class.path") : jar.toString(), options);
        command.add(program.main.getName());
        Work echo = Work.echo(FirstMessage.TEXT.length());
        command.add(
                (program == Program.SESSION ? echo.inSession() : echo).at(port).toString());
        return output(command);
    }

    private static List<String> java(String classPath, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(classPath);
        return command;
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException(command.get(command.size() - 2) + " failed");
        }
        return printed;
    }

    // ---- R8 ----

    /** Returns the programs as R8 leaves them, after D8 has made classes of lambdas and records as for Android. */
    private Map<Program, Path> shrunk(Path r8) throws Exception {
        List<Path> jars = Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> entry.matches(LIBRARIES))
                .map(Path::of)
                .toList();
        Path own = folder.resolve("programs.jar");
        jar(own);
        Path desugared = folder.resolve("desugared.jar");
        List<String> d8 = r8(r8, "D8", desugared);
        d8.addAll(List.of("--min-api", MIN_API, own.toString()));
        jars.forEach(jar -> d8.add(jar.toString()));
        String unused = output(d8);
        List<String> rules = new ArrayList<>();
        for (Path jar : jars) rules.addAll(rules(jar));
        Map<Program, Path> shrunk = new EnumMap<>(Program.class);
        for (Program program : Program.values()) {
            List<String> all = new ArrayList<>(rules);
            all.add("-keep class " + program.main.getName() + " { public static void main(java.lang.String[]); }");
            // OkHttp's rules name classes of other TLS providers, which are not here.
            if (program == Program.OKHTTP) all.add("-dontwarn **");
            Path file = Files.write(folder.resolve(program + ".pro"), all);
            Path jar = folder.resolve(program + ".jar");
            List<String> command = r8(r8, "R8", jar);
            command.addAll(List.of("--pg-conf", file.toString(), desugared.toString()));
            unused = output(command);
            shrunk.put(program, jar);
        }
        return shrunk;
    }

    private static List<String> r8(Path r8, String tool, Path to) {
        List<String> command = java(r8.toString(), List.of("-Xmx1g"));
        command.addAll(List.of("com.android.tools.r8." + tool, "--release", "--classfile"));
        command.addAll(List.of("--lib", System.getProperty("java.home"), "--output", to.toString()));
        return command;
    }

    /** Packs the classes of this package. */
    private static void jar(Path to) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(to))) {
            List<Class<?>> classes = new ArrayList<>(List.of(FirstMessage.class));
            for (Program program : Program.values()) classes.add(program.main);
            for (Class<?> type : classes) {
                Path folder = folderOf(type);
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        String name = file.getFileName().toString();
                        if (!name.matches(type.getSimpleName() + "(\\$.*)?\\.class")) continue;
                        out.putNextEntry(new JarEntry(type.getPackageName().replace('.', '/') + "/" + name));
                        Files.copy(file, out);
                    }
                }
            }
        }
    }

    private static Path folderOf(Class<?> type) throws IOException {
        try {
            return Path.of(Objects.requireNonNull(type.getResource("")).toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** Returns the rules that a library has in its jar, which D8 leaves out. */
    private static List<String> rules(Path jar) throws IOException {
        List<String> rules = new ArrayList<>();
        try (JarFile from = new JarFile(jar.toFile())) {
            for (JarEntry entry : Collections.list(from.entries())) {
                if (!entry.getName().matches(RULES)) continue;
                rules.add(new String(from.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return rules;
    }
}

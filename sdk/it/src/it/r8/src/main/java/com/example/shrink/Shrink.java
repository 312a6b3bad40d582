package com.example.shrink;

import com.android.tools.r8.ClassFileConsumer;
import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.D8;
import com.android.tools.r8.D8Command;
import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import com.android.tools.r8.origin.Origin;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Shrinks the applications beside it, runs what can run, and compares sizes. It fails if something is not as expected. */
public final class Shrink {
    private static final int MIN_API = 26;
    private static final long MAX_TEXT_ONLY = 200 * 1024;

    private static final String JSON_APP = "com.example.app.JsonApp";

    /** What an application needs that has OkHttp's artifact for the JVM and not the SDK. */
    private static final List<String> OKHTTP_RULES = List.of(
            "-dontwarn org.bouncycastle.jsse.**",
            "-dontwarn org.conscrypt.**",
            "-dontwarn org.openjsse.**",
            "-dontwarn org.codehaus.mojo.animal_sniffer.**");

    /** What the annotated types must look like on the wire. */
    private static final List<String> WIRE = List.of(
            "\"d\":{\"from\":\"ada\",\"text\":\"hello\"}",
            "\"side\":\"sell\"",
            "\"amount\":3",
            "\"notes\":[{\"from\":\"bob\",\"text\":\"soon\"}]",
            "\"d\":[{\"from\":\"cy\",\"text\":\"first\"},{\"from\":\"cy\",\"text\":\"second\"}]",
            "\"d\":{\"symbol\":\"ACME\",\"cents\":1250}");

    /** What the application must have read. */
    private static final List<String> READ =
            List.of("app> ada: hello", "app> SELL 3 [bob: soon]", "app> second", "app> 1250");

    private final Path out;
    private final Path app;
    private final Path sdk;
    private final Path android;
    private final List<Path> libraries = new ArrayList<>();

    private Shrink(Path out) throws IOException {
        this.out = Files.createDirectories(out);
        Path classes = null;
        Path foundSdk = null;
        Path foundAndroid = null;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            String name = path.getFileName().toString();
            if (Files.isDirectory(path)) {
                classes = path;
            } else if (name.startsWith("holdfast-sdk")) {
                foundSdk = path;
            } else if (name.startsWith("android-all")) {
                foundAndroid = path;
            } else if (!name.startsWith("r8")) {
                libraries.add(path);
            }
        }
        if (classes == null || foundSdk == null || foundAndroid == null)
            throw new IllegalStateException("no class path");
        this.sdk = foundSdk;
        this.android = foundAndroid;
        this.app = jar(classes, this.out.resolve("app.jar"));
    }

    /** Takes the URL of a server that echoes in resumable sessions, and a folder to write to. */
    public static void main(String[] args) throws Exception {
        Shrink shrink = new Shrink(Path.of(args[1]));
        shrink.annotatedTypesKeepTheirNames(args[0]);
        shrink.withoutTheRulesNothingIsSentWrong(args[0]);
        shrink.dexesWithoutWarnings();
        shrink.sizes();
    }

    // ---- on the JVM ----

    private void annotatedTypesKeepTheirNames(String url) throws Exception {
        desugar();
        Path rules = rules("rules.jar", sdk);
        Path shrunk = shrinkToClasses("shrunk.jar", rules, List.of());
        String log = run(shrunk, url, "annotated");
        for (String expected : WIRE) require(log.contains(expected), "not on the wire: " + expected);
        for (String expected : READ) require(log.contains(expected), "not read: " + expected);
        log.lines().filter(line -> line.contains("\"d\":")).forEach(line -> say("on the wire: " + line));

        String refused = run(shrunk, url, "bare");
        require(
                refused.contains("must be annotated with @HoldfastMessage"),
                "a class without annotation was not refused");
        require(!refused.contains("\"d\":"), "something of a class without annotation was sent");
        say("a class without annotation: " + firstLine(refused, "IllegalArgumentException"));
    }

    private void withoutTheRulesNothingIsSentWrong(String url) throws Exception {
        Path bare = rules("other-rules.jar", null);
        try {
            shrinkToClasses("failed.jar", bare, List.of());
            throw new IllegalStateException("R8 needs no rules of the SDK's any more");
        } catch (CompilationFailedException e) {
            String missing = firstLine(String.valueOf(e.getCause()), "Missing class");
            say("without the SDK's rules R8 fails: " + missing);
        }
        Path shrunk = shrinkToClasses("without-rules.jar", bare, List.of("-dontwarn **"));
        String log = run(shrunk, url, "annotated");
        require(log.contains("Exception"), "the application needs no rules of the SDK's any more");
        require(!log.contains("\"d\":"), "something was sent without the SDK's rules");
        say("and with its warnings silenced the application fails: " + firstLine(log, "Exception"));
    }

    /** Compiles everything to class files as for Android: without lambdas, and without records. */
    private void desugar() throws IOException, CompilationFailedException {
        D8Command.Builder command = D8Command.builder(new Quiet());
        command.setMode(CompilationMode.RELEASE)
                .setMinApiLevel(MIN_API)
                .addLibraryFiles(android)
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addProgramFiles(app, sdk)
                .addProgramFiles(libraries)
                .setProgramConsumer(new ClassFileConsumer.ArchiveConsumer(out.resolve("desugared.jar")));
        D8.run(command.build());
    }

    /** @param embedded a jar with the rules of the libraries, which {@link #desugar} leaves out */
    private Path shrinkToClasses(String name, Path embedded, List<String> rules)
            throws IOException, CompilationFailedException {
        Path jar = out.resolve(name);
        R8Command.Builder command = R8Command.builder(new Quiet());
        command.setMode(CompilationMode.RELEASE)
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addProgramFiles(out.resolve("desugared.jar"), embedded)
                .setProgramConsumer(new ClassFileConsumer.ArchiveConsumer(jar))
                .addProguardConfiguration(keep(JSON_APP, rules), Origin.unknown());
        R8.run(command.build());
        return jar;
    }

    private String run(Path jar, String url, String what) throws Exception {
        File log = out.resolve(jar.getFileName() + "." + what + ".log").toFile();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        jar.toString(),
                        JSON_APP,
                        url,
                        what)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(what + " did not end in 60 s: " + log);
        }
        return Files.readString(log.toPath());
    }

    // ---- dex ----

    private void dexesWithoutWarnings() throws Exception {
        Quiet diagnostics = new Quiet();
        D8Command.Builder command = D8Command.builder(diagnostics);
        command.setMode(CompilationMode.RELEASE)
                .setMinApiLevel(MIN_API)
                .addLibraryFiles(android)
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addProgramFiles(sdk)
                .addProgramFiles(libraries)
                .setOutput(Files.createDirectories(out.resolve("d8")), OutputMode.DexIndexed);
        D8.run(command.build());
        require(diagnostics.warnings.isEmpty(), "D8 warns: " + diagnostics.warnings);
        say("D8 at API " + MIN_API + " without warnings: " + kib(size(out.resolve("d8")))
                + " for everything, not shrunk");
    }

    private void sizes() throws Exception {
        List<Path> everything = new ArrayList<>(libraries);
        everything.add(sdk);
        List<Path> okHttp = new ArrayList<>(libraries);
        okHttp.removeIf(jar -> jar.getFileName().toString().startsWith("jackson-"));
        long http = dex("com.example.app.HttpApp", okHttp, OKHTTP_RULES);
        long text = dex("com.example.app.TextApp", everything, List.of()) - http;
        long json = dex(JSON_APP, everything, List.of()) - http;
        say("dex of an application with OkHttp alone: " + kib(http));
        say("dex that Holdfast adds to it, text only: " + kib(text) + " of at most " + kib(MAX_TEXT_ONLY));
        say("dex that Holdfast adds to it, JSON in a resumable session, Jackson included: " + kib(json));
        require(text <= MAX_TEXT_ONLY, "text only adds " + text + " bytes");
    }

    private long dex(String main, List<Path> jars, List<String> rules) throws Exception {
        Path folder = Files.createDirectories(out.resolve(main.substring(main.lastIndexOf('.') + 1)));
        R8Command.Builder command = R8Command.builder(new Quiet());
        command.setMode(CompilationMode.RELEASE)
                .setMinApiLevel(MIN_API)
                .addLibraryFiles(android)
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addProgramFiles(app)
                .addProgramFiles(jars)
                .setOutput(folder, OutputMode.DexIndexed)
                .setProguardMapOutputPath(folder.resolve("mapping.txt"))
                .addProguardConfiguration(keep(main, rules), Origin.unknown());
        R8.run(command.build());
        return size(folder);
    }

    private static long size(Path folder) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".dex"))::iterator) {
                size += Files.size(file);
            }
        }
        return size;
    }

    // ---- parts ----

    private static List<String> keep(String main, List<String> more) {
        List<String> rules = new ArrayList<>(more);
        rules.add("-keep class " + main + " { public static void main(java.lang.String[]); }");
        return rules;
    }

    private static Path jar(Path classes, Path jar) throws IOException {
        try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes.resolve("com/example/app"))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                to.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, to);
            }
        }
        return jar;
    }

    /**
     * Copies the rules that the libraries have in their jars.
     *
     * @param sdkJar the SDK's jar, null to leave its rules out
     */
    private Path rules(String name, Path sdkJar) throws IOException {
        List<Path> jars = new ArrayList<>(libraries);
        if (sdkJar != null) jars.add(sdkJar);
        Path copy = out.resolve(name);
        try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(copy))) {
            for (Path jar : jars) {
                try (JarFile from = new JarFile(jar.toFile())) {
                    for (Enumeration<JarEntry> entries = from.entries(); entries.hasMoreElements(); ) {
                        JarEntry entry = entries.nextElement();
                        if (!entry.getName().matches("META-INF/(proguard|com\\.android\\.tools)/.*\\.pro")) continue;
                        to.putNextEntry(new JarEntry(entry.getName()));
                        from.getInputStream(entry).transferTo(to);
                    }
                }
            }
        }
        return copy;
    }

    private static String firstLine(String log, String with) {
        return log.lines()
                .filter(line -> line.contains(with))
                .findFirst()
                .orElse(log)
                .strip();
    }

    private static String kib(long bytes) {
        return (bytes + 512) / 1024 + " KiB";
    }

    private static void say(String line) {
        System.out.println("consumer> " + line);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalStateException(otherwise);
    }

    /** Collects warnings that are about the program, and says nothing. */
    private static final class Quiet implements DiagnosticsHandler {
        final List<String> warnings = new ArrayList<>();

        @Override
        public void error(Diagnostic diagnostic) {}

        @Override
        public void warning(Diagnostic diagnostic) {
            warnings.add(diagnostic.getDiagnosticMessage());
        }

        @Override
        public void info(Diagnostic diagnostic) {}
    }
}

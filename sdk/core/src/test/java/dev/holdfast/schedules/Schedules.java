package dev.holdfast.schedules;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.jetbrains.lincheck.util.LoggingLevel;

/**
 * Runs a class in many thread schedules with Lincheck: for a few seconds, or for {@code -Dschedules.minutes=10}. Prints how many
 * schedules it reached.
 *
 * <p>A planted race is a change of the source of a class of the SDK, which is compiled and run in place of the class. It must be
 * found within a number of schedules.
 */
public final class Schedules {
    /** Counts instances of the classes under test: Lincheck makes one for each schedule. */
    private static final String COUNTER = "schedules.counter";

    private static final long MINUTES = Long.getLong("schedules.minutes", 0);
    private static final long LIMIT_MINUTES = 3;
    private static final long MAX_SCHEDULE_MILLIS = TimeUnit.MINUTES.toMillis(1);
    private static final int SURVIVED = 10;
    private static final int FOUND = 11;
    private static final String MARK = "schedules> ";
    private static final Path SOURCES = Path.of("src", "main", "java");

    private Schedules() {}

    /** To be called in the constructor of a class under test. */
    public static void count() {
        counter().incrementAndGet();
    }

    private static AtomicLong counter() {
        return (AtomicLong) System.getProperties().computeIfAbsent(COUNTER, key -> new AtomicLong());
    }

    /** How a class is run. */
    public static final class Shape {
        private final int threads;
        private final int actorsPerThread;
        private final int iterations;
        private final int invocations;
        private final boolean linearizable;
        private final List<String> scenario;

        private Shape(
                int threads,
                int actorsPerThread,
                int iterations,
                int invocations,
                boolean linearizable,
                List<String> scenario) {
            this.linearizable = linearizable;
            this.threads = threads;
            this.actorsPerThread = actorsPerThread;
            this.iterations = iterations;
            this.invocations = invocations;
            this.scenario = scenario;
        }

        /**
         * Returns random scenarios of the class's operations.
         *
         * @param scenarios how many
         * @param schedules the maximum number of schedules of each
         */
        public static Shape random(int threads, int actorsPerThread, int scenarios, int schedules) {
            return new Shape(threads, actorsPerThread, scenarios, schedules, false, List.of());
        }

        /**
         * Returns one scenario: for operations that wait for others.
         *
         * @param schedules the maximum number
         * @param operations the names of the operations of each thread, separated by commas
         */
        public static Shape scenario(int schedules, String... operations) {
            return new Shape(operations.length, 1, 0, schedules, false, List.of(operations));
        }

        /** Returns this shape with one more scenario. */
        public Shape and(String... operations) {
            return new Shape(threads, actorsPerThread, iterations, invocations, linearizable, List.of(operations));
        }

        /** Returns this shape with a check of results: they must be those of some order of the operations on one thread. */
        public Shape linearizable() {
            return new Shape(threads, actorsPerThread, iterations, invocations, true, scenario);
        }

        private void check(Class<?> tested, long times, boolean shortensFailure) {
            // It warns about each lambda.
            System.setProperty("lincheck.logLevel", "ERROR");
            ModelCheckingOptions options = new ModelCheckingOptions()
                    .iterations((int) Math.min(Integer.MAX_VALUE, iterations * times))
                    // A scenario that was named gets more schedules, and not more scenarios.
                    .invocationsPerIteration(
                            iterations > 0 ? invocations : (int) Math.min(Integer.MAX_VALUE, invocations * times))
                    .minimizeFailedScenario(shortensFailure)
                    .threads(threads)
                    .actorsPerThread(actorsPerThread)
                    .actorsBefore(0)
                    .actorsAfter(1)
                    .logLevel(LoggingLevel.ERROR);
            // On a busy machine Lincheck may transform class files for longer than its default of 10 s, and then
            // reports a schedule that
            // hangs. It detects deadlocks without this limit.
            options.invocationTimeout$lincheck(MAX_SCHEDULE_MILLIS);
            if (!linearizable) options.verifier(EpsilonVerifier.class);
            if (!scenario.isEmpty()) options.addCustomScenario(custom(tested));
            options.check(tested);
        }

        /** Returns what {@link #of} reads. */
        private List<String> arguments() {
            List<String> arguments = new ArrayList<>(
                    List.of("" + threads, "" + actorsPerThread, "" + iterations, "" + invocations, "" + linearizable));
            arguments.addAll(scenario);
            return arguments;
        }

        private static Shape of(List<String> arguments) {
            return new Shape(
                    Integer.parseInt(arguments.get(0)),
                    Integer.parseInt(arguments.get(1)),
                    Integer.parseInt(arguments.get(2)),
                    Integer.parseInt(arguments.get(3)),
                    Boolean.parseBoolean(arguments.get(4)),
                    arguments.subList(5, arguments.size()));
        }

        private ExecutionScenario custom(Class<?> tested) {
            List<List<Actor>> parallel = new ArrayList<>();
            for (String thread : scenario) {
                List<Actor> actors = new ArrayList<>();
                for (String operation : thread.split(",", -1)) actors.add(actor(tested, operation));
                parallel.add(actors);
            }
            Actor validation = null;
            for (Method method : tested.getMethods()) {
                if (method.isAnnotationPresent(Validate.class)) validation = new Actor(method, List.of());
            }
            return new ExecutionScenario(List.of(), parallel, List.of(), validation);
        }

        private static Actor actor(Class<?> tested, String operation) {
            try {
                return new Actor(tested.getMethod(operation), List.of());
            } catch (NoSuchMethodException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Checks that the class survives. */
    public static void survives(Class<?> tested, Shape shape) {
        counter().set(0);
        long begin = System.nanoTime();
        long end = begin + TimeUnit.MINUTES.toNanos(MINUTES);
        long times = 1;
        do {
            shape.check(tested, times, true);
            // Lincheck begins with the same scenarios each time.
            times *= 2;
        } while (System.nanoTime() < end);
        System.out.printf(
                MARK + "%s survived %d schedules in %d s%n",
                tested.getSimpleName(),
                counter().get(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
    }

    /** A change of a class's source that plants a race. */
    public static final class Plant {
        final Class<?> changed;
        final String before;
        final String after;

        /** @param before a text that the source of the class has once */
        public Plant(Class<?> changed, String before, String after) {
            this.changed = changed;
            this.before = before;
            this.after = after;
        }
    }

    /**
     * Checks that Lincheck finds the planted race, in a JVM of its own: Lincheck keeps what it made of a class by the class's
     * name.
     */
    public static void finds(Class<?> tested, Shape shape, Plant plant) {
        int code = planted(tested, shape, plant);
        if (code != FOUND) throw new AssertionError("not found, code " + code + ": " + plant.after);
    }

    /** Checks that a change that plants nothing survives: what finds the others is not the change of the class itself. */
    public static void survives(Class<?> tested, Shape shape, Plant nothing) {
        int code = planted(tested, shape, nothing);
        if (code != SURVIVED) throw new AssertionError("code " + code + ": " + nothing.after);
    }

    private static int planted(Class<?> tested, Shape shape, Plant plant) {
        try {
            Path classes = Files.createTempDirectory("planted");
            try {
                compile(plant, classes);
                List<String> command = new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+EnableDynamicAgentLoading",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx512m",
                        "-cp",
                        classes + File.pathSeparator + System.getProperty("java.class.path"),
                        Schedules.class.getName(),
                        tested.getName(),
                        plant.after));
                command.addAll(shape.arguments());
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(classes.resolve("output").toFile())
                        .start();
                if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError("not over in " + LIMIT_MINUTES + " min: " + plant.after);
                }
                List<String> output = Files.readAllLines(classes.resolve("output"));
                output.stream().filter(line -> line.startsWith(MARK)).forEach(System.out::println);
                int code = process.exitValue();
                if (code != FOUND && code != SURVIVED) output.forEach(System.out::println);
                return code;
            } finally {
                delete(classes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    /** The JVM of a planted race. */
    public static void main(String[] args) throws ClassNotFoundException {
        Class<?> tested = Class.forName(args[0]);
        String name = tested.getSimpleName() + ": " + args[1].lines().collect(Collectors.joining(" "));
        Shape shape = Shape.of(List.of(args).subList(2, args.length));
        counter().set(0);
        try {
            shape.check(tested, 1, false);
        } catch (LincheckAssertionError found) {
            System.out.printf(
                    MARK + "%s was found within %d schedules%n", name, counter().get());
            System.exit(FOUND);
        }
        System.out.printf(MARK + "%s survived %d schedules%n", name, counter().get());
        System.exit(SURVIVED);
    }

    private static void compile(Plant plant, Path classes) throws IOException {
        String name = plant.changed.getName().replace('.', '/') + ".java";
        Path file = SOURCES.resolve(name);
        String source = Files.readString(file);
        if (source.split(Pattern.quote(plant.before), -1).length != 2) {
            throw new AssertionError(file + " must have this once: " + plant.before);
        }
        String changed = source.replace(plant.before, plant.after);
        JavaFileObject input = new SimpleJavaFileObject(URI.create("string:///" + name), Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return changed;
            }
        };
        StringWriter messages = new StringWriter();
        List<String> options = List.of(
                "-d", classes.toString(), "-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"));
        JavaCompiler.CompilationTask task =
                ToolProvider.getSystemJavaCompiler().getTask(messages, null, null, options, null, List.of(input));
        if (!task.call()) throw new AssertionError("the planted race does not compile: " + messages);
    }
}

package dev.holdfast.sample.node;

/** A program that is the {@linkplain ServeCommand reference server} and nothing else. */
public final class Serve {
    private Serve() {}

    public static void main(String[] args) {
        System.exit(runMain(args));
    }

    /** Runs the server until the process ends; returns the exit code if it cannot. */
    public static int runMain(String... args) {
        return Arguments.of(new ServeCommand()).execute(args);
    }
}

package dev.holdfast.interop;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What the servers need on the machine. Where it is missing a test is skipped; with {@code -Dinterop.required=true} it fails. */
final class Installed {
    private static final boolean REQUIRED = Boolean.getBoolean("interop.required");

    private Installed() {}

    static Path program(String name) {
        // Where daemons are is not on everybody's path.
        String folders = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
        Path found = Stream.of(folders.split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        return found == null ? missing("program " + name) : found;
    }

    /** The folder of Node packages, which holds this one. */
    static Path nodePackages(String name) {
        Path packages = ServerProcess.FOLDER.resolve("node_modules");
        return Files.isDirectory(packages.resolve(name)) ? packages : missing("npm package " + name);
    }

    /** The Python that can import this module: the system's, which is the one that the system's packages are for. */
    static Path pythonWith(String module) throws Exception {
        Path python = Path.of("/usr/bin/python3");
        if (!Files.isExecutable(python)) return missing("program " + python);
        Process check = new ProcessBuilder(python.toString(), "-c", "import " + module)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return check.waitFor() == 0 ? python : missing("Python module " + module);
    }

    private static Path missing(String what) {
        String message = what + " is not installed: run .ci/install-interop";
        return REQUIRED ? fail(message) : Assumptions.abort(message);
    }
}

package dev.holdfast.sample.node;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of this machine, which may not be installed. */
public final class Programs {
    private Programs() {}

    /** Returns the path of a program, if it is installed. */
    public static Optional<Path> find(String name) {
        // The folders of daemons are not on every user's path.
        String folders = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(folders.split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Returns the message for a program that is not installed. */
    public static String missing(String name) {
        return name + " is not installed; Debian's package of that name has it";
    }

    static String require(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalStateException(missing(name)))
                .toString();
    }
}

package dev.holdfast.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A command that prints what the consumers reported: each line of their build logs that begins with
 * {@value #MARK}. It fails if a consumer's build succeeded without any such line, since that consumer checked
 * nothing.
 */
public final class Report {
    static final String MARK = "consumer> ";

    private static final String LOG = "build.log";

    private Report() {}

    /** Takes the folder that holds the consumers' folders. */
    public static void main(String[] args) throws IOException {
        List<String> silent = new ArrayList<>();
        for (Path consumer : consumers(Path.of(args[0]))) {
            List<String> lines = Files.readAllLines(consumer.resolve(LOG), StandardCharsets.UTF_8);
            List<String> reported = lines.stream()
                    .filter(line -> line.contains(MARK))
                    .map(line -> line.substring(line.indexOf(MARK) + MARK.length()))
                    .toList();
            reported.forEach(line -> System.out.println(consumer.getFileName() + ": " + line));
            if (reported.isEmpty() && lines.stream().anyMatch(line -> line.contains("BUILD SUCCESS"))) {
                silent.add(consumer.toString());
            }
        }
        if (!silent.isEmpty()) throw new IllegalStateException("consumers that reported nothing: " + silent);
    }

    private static List<Path> consumers(Path folder) throws IOException {
        try (Stream<Path> consumers = Files.list(folder)) {
            return consumers
                    .filter(consumer -> Files.exists(consumer.resolve(LOG)))
                    .sorted()
                    .toList();
        }
    }
}

package dev.holdfast.it;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A command that makes a local Maven repository without any artifact of Holdfast. Everything else is shared with the
 * user's local repository through symbolic links. So a consumer can get Holdfast from nowhere but the release, what
 * it downloads is kept for the next build, and the user's local repository gets no snapshot of Holdfast.
 */
public final class LocalRepository {
    private static final Path DEV = Path.of("dev");
    private static final Path HOLDFAST = DEV.resolve("holdfast");

    private LocalRepository() {}

    /** Takes the folders of the release, of the user's local repository, and of the repository to make. */
    public static void main(String[] args) throws IOException {
        Path release = Path.of(args[0]);
        if (!Files.isDirectory(release.resolve(HOLDFAST))) {
            throw new IllegalStateException("there is no release in " + release
                    + "; run mvn -B -Prelease,consumers deploy in the folder of the project");
        }
        Path shared = Path.of(args[1]).toAbsolutePath();
        Path made = Path.of(args[2]).toAbsolutePath();
        delete(made);
        Files.createDirectories(made.resolve(HOLDFAST));
        link(shared, made);
        link(shared.resolve(DEV), made.resolve(DEV));
        System.out.println("consumers use " + made);
    }

    private static void link(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) return;
        for (Path each : list(from)) {
            Path link = to.resolve(each.getFileName());
            if (!Files.exists(link)) Files.createSymbolicLink(link, each);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    /** Deletes a folder. A symbolic link is deleted, and not what it leads to. */
    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) throw failure;
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

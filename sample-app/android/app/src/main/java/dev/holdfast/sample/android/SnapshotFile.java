package dev.holdfast.sample.android;

import dev.holdfast.SessionSnapshot;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The snapshot of the session on disk, from which the next process goes on. Every access is a task of one executor. */
final class SnapshotFile {
    private final Path file;
    private final Path newFile;
    private final Executor disk;

    /** @param disk runs one task after another */
    SnapshotFile(File file, Executor disk) {
        this.file = file.toPath();
        this.newFile = this.file.resolveSibling(file.getName() + ".new");
        this.disk = disk;
    }

    /** Returns a future of the snapshot; it is empty if there is none or if it cannot be read. */
    CompletableFuture<Optional<SessionSnapshot>> read() {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return Optional.of(SessionSnapshot.fromBytes(Files.readAllBytes(file)));
                    } catch (NoSuchFileException e) {
                        return Optional.empty();
                    } catch (IOException | IllegalArgumentException e) {
                        // Damaged, or of another version of the SDK: a new session begins.
                        return Optional.empty();
                    }
                },
                disk);
    }

    /** Replaces the snapshot. If the process ends meanwhile, the one before stays whole. */
    void write(SessionSnapshot snapshot) {
        byte[] bytes = snapshot.toBytes();
        disk.execute(() -> {
            try {
                Files.write(newFile, bytes);
                Files.move(newFile, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                // Without a snapshot the next process begins a new session.
            }
        });
    }

    /** Removes the snapshot: a session that goes on here makes it useless. */
    void delete() {
        disk.execute(() -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // The server refuses it then, and the application is told of a lost session.
            }
        });
    }
}

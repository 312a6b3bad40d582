package dev.holdfast.sample.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A small file that only its owner may read. */
final class PrivateFile {
    private PrivateFile() {}

    /** Replaces a file at once. Blocks. */
    static void write(Path file, String text) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) throw new IOException("not a file: " + file);
        Files.createDirectories(folder);
        // Temporary files are readable by their owner only, and a move keeps the permissions.
        Path written = Files.createTempFile(folder, file.getFileName().toString(), ".tmp");
        try {
            Files.writeString(written, text);
            Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}

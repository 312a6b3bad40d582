package dev.holdfast.store.sqlite;

import dev.holdfast.SessionStore;
import dev.holdfast.contract.StoreContract;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A file in a folder of its own. */
final class FilePlace implements StoreContract.Place, AutoCloseable {
    private static final int PAGE = 4_096;

    private final Path folder;
    private final Deque<Path> mounted = new ArrayDeque<>();

    FilePlace(Path folder) {
        this.folder = folder;
    }

    Path file() {
        return folder.resolve("session.db");
    }

    @Override
    public SessionStore store() {
        return SqliteSessionStore.at(file());
    }

    @Override
    public SessionStore small(int bytes) {
        return SqliteSessionStore.builder(file())
                .pragmas("max_page_count = " + bytes / PAGE)
                .build();
    }

    /** Mounts a file system of this size on the folder. Returns why that is impossible here; empty if it is done. */
    String mountSmall(int bytes) {
        return mount("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", folder.toString());
    }

    @Override
    public String makeReadOnly() {
        for (File file : List.of(folder.toFile().listFiles())) {
            if (!file.setWritable(false)) return "the permissions of " + file + " cannot be set";
        }
        if (!folder.toFile().setWritable(false)) return "the permissions of " + folder + " cannot be set";
        if (!Files.isWritable(file())) return "";
        // The superuser may write all the same.
        String impossible = mount("mount", "--bind", folder.toString(), folder.toString());
        return impossible.isEmpty() ? run("mount", "-o", "remount,ro,bind", folder.toString()) : impossible;
    }

    private String mount(String... command) {
        String impossible = run(command);
        if (impossible.isEmpty()) mounted.push(folder);
        return impossible;
    }

    /** Returns what is wrong, empty for nothing. */
    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output.strip();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    @Override
    public String damage() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
            byte[] nonsense = new byte[(int) file.length() - 2 * PAGE];
            Arrays.fill(nonsense, (byte) 0x5a);
            file.seek(2L * PAGE);
            file.write(nonsense);
        }
        return "";
    }

    @Override
    public void close() {
        while (!mounted.isEmpty()) run("umount", mounted.pop().toString());
        folder.toFile().setWritable(true);
        for (File file : List.of(folder.toFile().listFiles())) file.setWritable(true);
    }
}

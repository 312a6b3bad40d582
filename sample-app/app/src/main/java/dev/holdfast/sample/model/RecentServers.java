package dev.holdfast.sample.model;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;

/**
 * The servers of the most recent connections, newest first, in a file that only its owner may read. What may be a secret
 * is not kept: headers, users and passwords, and values in the query that look like credentials.
 *
 * <p>Confined to the window's thread; the file is read and written on another.
 */
public final class RecentServers {
    private static final int KEPT = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final ObservableList<ServerSettings> servers = FXCollections.observableArrayList();
    private final ExecutorService disk = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "recent servers");
        thread.setDaemon(true);
        return thread;
    });

    /** Starts reading the file. */
    public RecentServers(Path file, Executor window) {
        this.file = file;
        var unused = CompletableFuture.supplyAsync(this::read, disk).thenAcceptAsync(servers::addAll, window);
    }

    /** Returns the default file for this user. */
    public static Path usualFile() {
        return Path.of(System.getProperty("user.home", "."), ".config", "holdfast-sample", "recent.json");
    }

    /** Returns the servers, newest first. */
    public ObservableList<ServerSettings> servers() {
        return servers;
    }

    /** Adds a server as the newest one. */
    public void add(ServerSettings settings) {
        ServerSettings kept = settings.withoutSecrets();
        servers.removeIf(known -> known.url().equals(kept.url()));
        servers.add(0, kept);
        if (servers.size() > KEPT) servers.remove(KEPT, servers.size());
        List<ServerSettings> copy = List.copyOf(servers);
        disk.execute(() -> write(copy));
    }

    private List<ServerSettings> read() {
        try {
            if (!Files.exists(file)) return List.of();
            List<ServerSettings> read =
                    JSON.readValue(Files.readString(file), new TypeReference<List<ServerSettings>>() {});
            List<ServerSettings> kept =
                    read.stream().map(ServerSettings::withoutSecrets).toList();
            // The file may be of a version that kept more, and let others read it.
            write(kept);
            return kept;
        } catch (IOException e) {
            // The file is another program's, or damaged: nothing is remembered.
            return List.of();
        }
    }

    private void write(List<ServerSettings> copy) {
        try {
            PrivateFile.write(file, JSON.writeValueAsString(copy));
        } catch (IOException e) {
            // The list is only a convenience; without the file it is lost when the window closes.
        }
    }
}

package dev.holdfast.sample.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.DoubleProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleDoubleProperty;
import org.jspecify.annotations.Nullable;

/**
 * The state that the window remembers: the theme, the positions of its dividers, and whether the tour has been seen. Confined to
 * the window's thread; changes are written on another.
 */
public final class WindowSettings {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final BooleanProperty dark = new SimpleBooleanProperty();
    private final BooleanProperty tourSeen = new SimpleBooleanProperty();
    private final Map<String, DoubleProperty> dividers = new TreeMap<>();

    private final Executor disk = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "window settings");
        thread.setDaemon(true);
        return thread;
    });
    /** The newest content that is not written yet, so that a dragged divider is not written at every step. */
    private final AtomicReference<@Nullable String> unwritten = new AtomicReference<>();

    private WindowSettings(Path file, JsonNode read) {
        this.file = file;
        dark.set(read.path("dark").asBoolean());
        tourSeen.set(read.path("tourSeen").asBoolean());
        for (var one : read.path("dividers").properties()) {
            var unused = divider(one.getKey(), one.getValue().asDouble());
        }
        dark.addListener((changed, was, is) -> save());
        tourSeen.addListener((changed, was, is) -> save());
    }

    /** Reads the settings, or returns the defaults if there are none. Blocks. */
    public static WindowSettings read(Path file) {
        JsonNode content = JSON.createObjectNode();
        try {
            if (Files.exists(file)) content = JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            // The file is another program's, or damaged: the defaults apply.
        }
        return new WindowSettings(file, content);
    }

    /** Returns the default file for this user. */
    public static Path usualFile() {
        return RecentServers.usualFile().resolveSibling("window.json");
    }

    /** Returns whether the window is dark, as a property. */
    public BooleanProperty dark() {
        return dark;
    }

    /** Returns whether the tour has been taken or skipped, as a property. */
    public BooleanProperty tourSeen() {
        return tourSeen;
    }

    /** Returns the position of a divider, from 0 to 1, as a property. */
    public DoubleProperty divider(String name, double defaultPosition) {
        return dividers.computeIfAbsent(name, unknown -> {
            boolean possible = defaultPosition > 0 && defaultPosition < 1;
            DoubleProperty position = new SimpleDoubleProperty(possible ? defaultPosition : 0.5);
            position.addListener((changed, was, is) -> save());
            return position;
        });
    }

    private void save() {
        ObjectNode content = JSON.createObjectNode();
        content.put("dark", dark.get()).put("tourSeen", tourSeen.get());
        ObjectNode positions = content.putObject("dividers");
        dividers.forEach((name, position) -> positions.put(name, Math.round(position.get() * 1000) / 1000.0));
        if (unwritten.getAndSet(content.toString()) == null) disk.execute(this::write);
    }

    private void write() {
        String newest = unwritten.getAndSet(null);
        if (newest == null) return;
        try {
            PrivateFile.write(file, newest);
        } catch (IOException e) {
            // The settings are only a convenience; without the file they are lost when the window closes.
        }
    }
}

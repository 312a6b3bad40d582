package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.EventLog;
import dev.holdfast.sample.model.LogEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import org.jspecify.annotations.Nullable;

/** The event log with a filter, which can be copied and saved. */
final class LogPane extends VBox {
    private final EventLog log;
    private Supplier<@Nullable Path> whereToSave = this::ask;

    /** @param prefix the prefix of the ids, which keeps several panes apart */
    LogPane(String title, String prefix, EventLog log) {
        super(4);
        this.log = log;
        TextField filter = new TextField();
        filter.setId(prefix + "filter");
        filter.setPromptText("Filter");
        filter.setAccessibleText("Filter");
        filter.textProperty().addListener((changed, was, is) -> log.filter(is));
        HBox.setHgrow(filter, Priority.ALWAYS);
        Button copy = new Button("C_opy");
        copy.setId(prefix + "copy");
        copy.setOnAction(event -> {
            ClipboardContent content = new ClipboardContent();
            content.putString(log.text());
            boolean unused = Clipboard.getSystemClipboard().setContent(content);
        });
        Button save = new Button("Sa_ve\u2026");
        save.setId(prefix + "save");
        save.setOnAction(event -> save());
        HBox bar = new HBox(6, ConversationPane.title(title), filter, copy, save);
        bar.setAlignment(Pos.CENTER_LEFT);

        ListView<LogEvent> list = new ListView<>(log.shown());
        list.setId(prefix + "log");
        list.setAccessibleText(title);
        list.setCellFactory(view -> new Cell());
        list.getItems().addListener((ListChangeListener<LogEvent>) change -> {
            if (!list.isHover() && !list.isFocused())
                list.scrollTo(list.getItems().size() - 1);
        });
        setVgrow(list, Priority.ALWAYS);
        getChildren().addAll(bar, list);
    }

    /** Saves the log to a file without asking the user for its name. */
    void saveTo(Path file) {
        whereToSave = () -> file;
    }

    private @Nullable Path ask() {
        FileChooser chooser = new FileChooser();
        chooser.setTitle("Save events");
        chooser.setInitialFileName("holdfast-events.txt");
        File chosen = chooser.showSaveDialog(getScene().getWindow());
        return chosen == null ? null : chosen.toPath();
    }

    private void save() {
        Path file = whereToSave.get();
        if (file == null) return;
        String text = log.text();
        var unused = CompletableFuture.supplyAsync(() -> write(file, text))
                .thenAcceptAsync(said -> log.add("log", said), Platform::runLater);
    }

    private static String write(Path file, String text) {
        try {
            Files.writeString(file, text);
            return "saved to " + file;
        } catch (IOException e) {
            return "could not be saved: " + e;
        }
    }

    /** A cell that wraps text too long for one line. */
    private static final class Cell extends ListCell<LogEvent> {
        Cell() {
            setWrapText(true);
            setPrefWidth(0);
        }

        @Override
        protected void updateItem(@Nullable LogEvent event, boolean empty) {
            super.updateItem(event, empty);
            setText(event == null ? null : event.toString());
        }
    }
}

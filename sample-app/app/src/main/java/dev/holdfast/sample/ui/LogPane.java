package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.EventLog;
import dev.holdfast.sample.model.LogEvent;
import dev.holdfast.sample.model.LogEvent.Direction;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.collections.FXCollections;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.Label;
import javafx.scene.control.Labeled;
import javafx.scene.control.ScrollBar;
import javafx.scene.control.SplitPane;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TableView;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import org.jspecify.annotations.Nullable;

/**
 * The event log as a table that follows the newest line, with filters, the details of the selected line, and buttons to
 * pause, clear, copy and save it.
 */
final class LogPane extends VBox {
    private static final double ROW_HEIGHT = 20;
    private static final double HEADER_HEIGHT = 20;
    private static final double BORDER_WIDTH = 1;
    private static final double TIME_WIDTH = 92;
    private static final double SIGN_WIDTH = 22;
    private static final double KIND_WIDTH = 78;
    private static final double SIZE_WIDTH = 70;
    private static final double SCROLL_BAR_WIDTH = 14;

    /** The lines of the table. */
    private enum Shown {
        ALL("All", null),
        SENT("Sent", Direction.SENT),
        RECEIVED("Received", Direction.RECEIVED),
        EVENTS("Events", Direction.NONE);

        private final String label;
        private final @Nullable Direction direction;

        Shown(String label, @Nullable Direction direction) {
            this.label = label;
            this.direction = direction;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private final EventLog log;
    private final TableView<LogEvent> table;
    private final ListEnd end;
    private final ToggleButton follow = new ToggleButton("Follo_w");
    private final ToggleButton pause = new ToggleButton("Pause");
    private final SplitPane split = new SplitPane();
    private final DetailPane detail;
    private Supplier<@Nullable Path> whereToSave = this::ask;

    /**
     * @param prefix the prefix of the ids, which keeps several panes apart
     * @param withMessages whether there are messages among the lines, with a direction and a size
     */
    LogPane(String title, String prefix, EventLog log, boolean withMessages) {
        super(4);
        this.log = log;
        detail = new DetailPane(prefix);
        table = table(prefix, title, withMessages);
        end = ListEnd.of(table);
        // The pane of messages is high enough for the details below the table, where bytes and JSON have the whole
        // width.
        split.setOrientation(withMessages ? Orientation.VERTICAL : Orientation.HORIZONTAL);
        split.getItems().add(table);
        setVgrow(split, Priority.ALWAYS);
        getChildren().addAll(bar(title, prefix, withMessages), split);
    }

    private HBox bar(String title, String prefix, boolean withMessages) {
        TextField filter = new TextField();
        filter.setId(prefix + "filter");
        filter.setPromptText("Filter");
        filter.setAccessibleText("Filter");
        filter.setPrefColumnCount(6);
        filter.textProperty().addListener((changed, was, is) -> {
            log.filter(is);
            toNewest();
        });
        HBox.setHgrow(filter, Priority.ALWAYS);
        ChoiceBox<Shown> direction = new ChoiceBox<>(FXCollections.observableArrayList(Shown.values()));
        direction.setId(prefix + "direction");
        direction.setAccessibleText("Direction");
        direction.setValue(Shown.ALL);
        direction.valueProperty().addListener((changed, was, is) -> {
            log.filter(is.direction);
            toNewest();
        });
        follow.setId(prefix + "follow");
        follow.setSelected(true);
        follow.selectedProperty().addListener((changed, was, is) -> {
            if (is) table.getSelectionModel().clearSelection();
            toNewest();
        });
        pause.setId(prefix + "pause");
        pause.selectedProperty().bindBidirectional(log.paused());
        Button clear = button("C_lear", prefix + "clear", log::clear);
        Button copy = button("C_opy", prefix + "copy", () -> {
            ClipboardContent content = new ClipboardContent();
            content.putString(log.text());
            boolean unused = Clipboard.getSystemClipboard().setContent(content);
        });
        Button save = button("Sa_ve\u2026", prefix + "save", this::save);
        HBox bar = new HBox(5, ConversationPane.title(title), filter, direction, follow, pause, clear, copy, save);
        bar.getStyleClass().add("log-bar");
        for (Node child : bar.getChildren()) {
            if (child instanceof Labeled labeled) labeled.setMinWidth(USE_PREF_SIZE);
        }
        filter.setMinWidth(20);
        if (!withMessages) bar.getChildren().remove(direction);
        bar.setAlignment(Pos.CENTER_LEFT);
        return bar;
    }

    private static Button button(String text, String id, Runnable deed) {
        Button button = new Button(text);
        button.setId(id);
        button.setOnAction(event -> deed.run());
        return button;
    }

    private TableView<LogEvent> table(String prefix, String title, boolean withMessages) {
        double frame = 2 * BORDER_WIDTH + (withMessages ? HEADER_HEIGHT : 0);
        TableView<LogEvent> made = new TableView<>(log.shown()) {
            /** Resizes the table so that no line is cut in half. */
            @Override
            public void resize(double width, double height) {
                super.resize(width, frame + Math.floor((height - frame) / ROW_HEIGHT) * ROW_HEIGHT);
            }
        };
        made.setId(prefix + "log");
        made.setAccessibleText(title);
        made.setFixedCellSize(ROW_HEIGHT);
        made.setPlaceholder(new Label("Nothing to show"));
        made.setMinWidth(120);
        double others = TIME_WIDTH + KIND_WIDTH + SCROLL_BAR_WIDTH;
        made.getColumns().add(column("time", TIME_WIDTH, LogEvent::time));
        if (withMessages) {
            made.getColumns()
                    .add(column("", SIGN_WIDTH, event -> event.direction().sign()));
            others += SIGN_WIDTH + SIZE_WIDTH;
        } else {
            made.getStyleClass().add("headless");
        }
        made.getColumns().add(column("kind", KIND_WIDTH, LogEvent::kind));
        if (withMessages) {
            made.getColumns().add(column("size", SIZE_WIDTH, e -> e.size() < 0 ? "" : Integer.toString(e.size())));
        }
        TableColumn<LogEvent, String> text = column("text", KIND_WIDTH, LogEvent::text);
        text.prefWidthProperty().bind(made.widthProperty().subtract(others));
        made.getColumns().add(text);
        made.getSelectionModel().selectedItemProperty().addListener((changed, was, is) -> select(is));
        // Someone who looks back does not want to be moved on.
        made.addEventFilter(ScrollEvent.SCROLL, event -> {
            if (event.getDeltaY() > 0) follow.setSelected(false);
        });
        made.addEventFilter(MouseEvent.MOUSE_PRESSED, event -> {
            for (Node at = (Node) event.getTarget(); at != null; at = at.getParent()) {
                if (at instanceof ScrollBar bar && bar.getOrientation() == Orientation.VERTICAL)
                    follow.setSelected(false);
            }
        });
        return made;
    }

    private static TableColumn<LogEvent, String> column(String name, double width, Function<LogEvent, String> value) {
        TableColumn<LogEvent, String> column = new TableColumn<>(name);
        column.setCellValueFactory(row -> new ReadOnlyStringWrapper(value.apply(row.getValue())));
        column.setSortable(false);
        column.setReorderable(false);
        column.setMinWidth(width);
        column.setPrefWidth(width);
        return column;
    }

    private void select(@Nullable LogEvent event) {
        boolean isShown = split.getItems().contains(detail);
        if (event == null) {
            if (isShown) split.getItems().remove(detail);
            return;
        }
        follow.setSelected(false);
        detail.show(event);
        if (isShown) return;
        split.getItems().add(detail);
        split.setDividerPositions(0.6);
        // The details must not cover the line that they are about.
        split.applyCss();
        split.layout();
        end.show(table.getSelectionModel().getSelectedIndex());
    }

    /** Shows what has been logged since the last call. The window calls it once per pulse. */
    void flush() {
        log.flush();
        int waiting = log.paused().get() ? log.waiting() : 0;
        String text = waiting == 0 ? "Pause" : "Paused " + waiting;
        if (!pause.getText().equals(text)) pause.setText(text);
        toNewest();
    }

    private void toNewest() {
        if (follow.isSelected()) end.show();
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
}

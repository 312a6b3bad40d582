package dev.holdfast.sample.ui;

import dev.holdfast.sample.Version;
import java.util.function.Consumer;
import javafx.geometry.Insets;
import javafx.scene.SnapshotParameters;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.control.ButtonType;
import javafx.scene.control.Dialog;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.image.Image;
import javafx.scene.layout.VBox;
import javafx.scene.paint.Color;
import javafx.scene.shape.StrokeLineCap;
import javafx.stage.Window;

/** The program's icon, and a dialog with its version and links. */
final class About {
    static final String HOME = "https://holdfast.dev";

    private About() {}

    /** Opens the dialog and returns. */
    static void show(Window owner, Iterable<String> styles, boolean dark, Consumer<String> browser) {
        Label name = new Label("Holdfast " + Version.current());
        name.getStyleClass().add("title");
        Label what = new Label("A WebSocket client for Java that reconnects and resumes:\n"
                + "every message arrives once and in order, or is reported.");
        Label where = new Label("Java " + System.getProperty("java.version") + ", JavaFX "
                + System.getProperty("javafx.version") + ", " + System.getProperty("os.name"));
        where.getStyleClass().add("small");
        Hyperlink home = new Hyperlink(HOME);
        home.setId("about-home");
        home.setOnAction(event -> browser.accept(HOME));
        VBox content = new VBox(8, name, what, where, home);
        content.setPadding(new Insets(12));
        Dialog<ButtonType> dialog = new Dialog<>();
        dialog.initOwner(owner);
        dialog.setTitle("About");
        dialog.getDialogPane().setId("about");
        dialog.getDialogPane().setContent(content);
        dialog.getDialogPane().getButtonTypes().add(ButtonType.CLOSE);
        dialog.getDialogPane().getStyleClass().add("window");
        if (dark) dialog.getDialogPane().getStyleClass().add("dark");
        styles.forEach(dialog.getDialogPane().getStylesheets()::add);
        dialog.show();
    }

    /** Returns the icon: two ends of a line, with a tick where they meet. */
    static Image icon(int size) {
        Canvas canvas = new Canvas(size, size);
        GraphicsContext context = canvas.getGraphicsContext2D();
        double unit = size / 16.0;
        context.setFill(Color.web("#1b66c9"));
        context.fillRoundRect(0, 0, size, size, 5 * unit, 5 * unit);
        context.setStroke(Color.WHITE);
        context.setLineCap(StrokeLineCap.ROUND);
        context.setLineWidth(2 * unit);
        context.strokePolyline(
                new double[] {3.5 * unit, 6.5 * unit, 12.5 * unit},
                new double[] {8.5 * unit, 11.5 * unit, 4.5 * unit},
                3);
        SnapshotParameters parameters = new SnapshotParameters();
        parameters.setFill(Color.TRANSPARENT);
        return canvas.snapshot(parameters, null);
    }
}

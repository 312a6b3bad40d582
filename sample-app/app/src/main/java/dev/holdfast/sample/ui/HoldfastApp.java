package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.AnyServer;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.RecentServers;
import dev.holdfast.sample.model.Totals;
import dev.holdfast.sample.model.WindowSettings;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import javafx.animation.PauseTransition;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;
import javafx.util.Duration;
import org.jspecify.annotations.Nullable;

/** The desktop app. JavaFX creates it; {@link #isPossible} returns whether it can. */
public final class HoldfastApp extends Application {
    static final int MIN_WIDTH = 900;
    static final int MIN_HEIGHT = 600;

    /** Held strongly, because the level is lost when the logger is collected. */
    private static final Logger JAVAFX_LOG = Logger.getLogger("javafx");

    /** The totals of the closed window. JavaFX opens only one window in a process. */
    private static volatile Totals totals = Totals.NONE;

    private final AnyServer server = new AnyServer(Platform::runLater);
    private @Nullable Demonstration demonstration;

    /** Returns whether there is a display to open a window on. */
    public static boolean isPossible() {
        String os = System.getProperty("os.name", "");
        return os.startsWith("Windows")
                || os.startsWith("Mac")
                || !System.getenv().getOrDefault("DISPLAY", "").isBlank();
    }

    /**
     * Opens the window and returns when it has been closed.
     *
     * @param seconds the time after which the window closes by itself; 0 for never
     * @return the outcome of all messages by then; null if the window cannot be opened, which is reported on the
     *     standard error stream
     */
    public static @Nullable Totals open(int seconds) {
        // JavaFX warns of being on the class path, which is where Maven puts it.
        JAVAFX_LOG.setLevel(Level.SEVERE);
        try {
            launch(HoldfastApp.class, "--seconds=" + seconds);
            return totals;
        } catch (RuntimeException | LinkageError e) {
            System.err.println("no window: " + e.getMessage() + "; are libgtk-3-0, libgl1, libxxf86vm1, libxtst6,"
                    + " libpangoft2-1.0-0 and fonts-dejavu-core installed, and does DISPLAY name a display?");
            return null;
        }
    }

    @Override
    public void start(Stage stage) {
        stage.setTitle("Holdfast: see a connection die and nothing get lost");
        Scene scene = new Scene(new StackPane(new Label("Starting the server\u2026")), 1200, 760);
        stage.setScene(scene);
        stage.setMinWidth(MIN_WIDTH);
        stage.setMinHeight(MIN_HEIGHT);
        stage.getIcons().addAll(About.icon(64), About.icon(32));
        stage.show();
        var unused = CompletableFuture.supplyAsync(() -> WindowSettings.read(WindowSettings.usualFile()))
                .thenAcceptBoth(
                        CompletableFuture.supplyAsync(() -> new Demonstration(Platform::runLater)),
                        (settings, made) -> Platform.runLater(() -> show(scene, made, settings)));
    }

    private void show(Scene scene, Demonstration made, WindowSettings settings) {
        demonstration = made;
        RecentServers recent = new RecentServers(RecentServers.usualFile(), Platform::runLater);
        MainView view = new MainView(made, server, recent, settings, getHostServices()::showDocument);
        scene.setRoot(view);
        view.start();
        int seconds = Integer.parseInt(getParameters().getNamed().get("seconds"));
        if (seconds == 0) return;
        PauseTransition open = new PauseTransition(Duration.seconds(seconds));
        open.setOnFinished(event -> Platform.exit());
        open.play();
    }

    @Override
    public void stop() {
        server.close();
        if (demonstration == null) return;
        totals = demonstration.conversation().totals();
        demonstration.close();
    }
}

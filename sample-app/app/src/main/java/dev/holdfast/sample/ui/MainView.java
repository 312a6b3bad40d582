package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.AnyServer;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.RecentServers;
import dev.holdfast.sample.model.WindowSettings;
import java.util.function.Consumer;
import javafx.animation.Animation;
import javafx.animation.AnimationTimer;
import javafx.animation.KeyFrame;
import javafx.animation.Timeline;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.util.Duration;

/** The content of the window: the demonstration, and a tab to connect to any server. */
final class MainView extends StackPane {
    private static final Duration REFRESH = Duration.millis(100);

    private final Demonstration demonstration;
    private final DemoView demo;
    private final ConnectView connect;
    private final Timeline clock;
    /** Shows new lines once per pulse, however many there are. */
    private final AnimationTimer pulse = new AnimationTimer() {
        @Override
        public void handle(long now) {
            flushLogs();
        }
    };

    private Theme theme = Theme.LIGHT;

    /** @param browser opens a URL in the user's browser */
    MainView(
            Demonstration demonstration,
            AnyServer server,
            RecentServers recent,
            WindowSettings settings,
            Consumer<String> browser) {
        this.demonstration = demonstration;
        demo = new DemoView(demonstration, settings);
        connect = new ConnectView(server, recent, settings);
        TabPane tabs = new TabPane(new Tab("See nothing get lost", demo), new Tab("Connect to any server", connect));
        tabs.setId("tabs");
        tabs.setAccessibleText("Views");
        tabs.setTabClosingPolicy(TabPane.TabClosingPolicy.UNAVAILABLE);
        ToggleButton dark = new ToggleButton("_Dark");
        dark.setId("dark");
        dark.selectedProperty().bindBidirectional(settings.dark());
        dark.selectedProperty().addListener((changed, was, is) -> setTheme(is ? Theme.DARK : Theme.LIGHT));
        // The other tab shows another server's URL.
        Label url = new Label("Demo server " + demonstration.url());
        url.setId("demo-url");
        url.getStyleClass().add("small");
        Button tour = new Button("Tour");
        tour.setId("tour-again");
        tour.disableProperty().bind(settings.tourSeen().not());
        tour.setOnAction(event -> settings.tourSeen().set(false));
        Button about = new Button("About");
        about.setId("about-open");
        about.setOnAction(event -> About.show(getScene().getWindow(), getStylesheets(), theme == Theme.DARK, browser));
        HBox corner = new HBox(6, url, tour, about, dark);
        corner.setAlignment(Pos.CENTER_RIGHT);
        corner.setMaxSize(USE_PREF_SIZE, USE_PREF_SIZE);
        StackPane.setAlignment(corner, Pos.TOP_RIGHT);
        corner.setId("corner");
        getStyleClass().add("window");
        getStylesheets().add(MainView.class.getResource("holdfast.css").toExternalForm());
        getChildren().addAll(tabs, corner);
        clock = new Timeline(new KeyFrame(REFRESH, event -> tick()));
        clock.setCycleCount(Animation.INDEFINITE);
        if (settings.dark().get()) setTheme(Theme.DARK);
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        getStyleClass().remove("dark");
        if (newTheme == Theme.DARK) getStyleClass().add("dark");
        tick();
    }

    Theme theme() {
        return theme;
    }

    DemoView demo() {
        return demo;
    }

    ConnectView connect() {
        return connect;
    }

    void start() {
        clock.play();
        pulse.start();
    }

    void stop() {
        clock.stop();
        pulse.stop();
    }

    private void flushLogs() {
        demo.flush();
        connect.log().flush();
    }

    private void tick() {
        long now = System.nanoTime();
        demonstration.tick(now);
        demo.refresh(theme, now);
    }
}

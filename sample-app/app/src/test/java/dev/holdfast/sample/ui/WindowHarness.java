package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.AnyServer;
import dev.holdfast.sample.model.Conversation;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.RecentServers;
import dev.holdfast.sample.model.Totals;
import dev.holdfast.sample.model.WindowSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.input.MouseButton;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.api.FxToolkit;
import org.testfx.util.WaitForAsyncUtils;

/** The window at its smallest, and a robot in front of it. */
abstract class WindowHarness {
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    /** A storm of this seed soon has all faults, and loses the session at once if it may: other seeds take longer. */
    private static final long STORM_SEED = 7;

    final FxRobot robot = new FxRobot();

    @TempDir
    Path folder;

    final AnyServer server = new AnyServer(Platform::runLater);
    /** The policies of the window that is opened next. */
    Conversation.Policies policies = Conversation.Policies.STANDARD;

    /** What the window asked the browser to show. */
    final List<String> browsed = new CopyOnWriteArrayList<>();

    RecentServers recent;
    WindowSettings settings;
    Path recentFile;
    Demonstration demonstration;
    MainView view;
    Stage stage;

    @BeforeAll
    static void aScreenInMemory() {
        String missing = missingLibrary();
        if (!missing.isEmpty()) System.out.println("skipped, no window can be drawn: " + missing);
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        System.setProperty("testfx.robot", "glass");
        System.setProperty("testfx.headless", "true");
        System.setProperty("headless.geometry", "1920x1200-32");
        System.setProperty("prism.order", "sw");
        System.setProperty("prism.text", "t2k");
        System.setProperty("java.awt.headless", "true");
    }

    /** JavaFX draws text with Debian's Pango and fonts, and ends the test's process where it finds neither. */
    private static String missingLibrary() {
        if (!System.getProperty("os.name", "").equals("Linux")) return "";
        try {
            Process ldconfig = new ProcessBuilder("/sbin/ldconfig", "-p").start();
            String libraries = new String(ldconfig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return libraries.contains("libpangoft2-1.0.so.0") ? "" : "Debian's libpangoft2-1.0-0 is not installed";
        } catch (IOException e) {
            // Not a Debian: JavaFX will find out.
            return "";
        }
    }

    @BeforeEach
    void open() throws Exception {
        recentFile = folder.resolve("some").resolve("recent.json");
        stage = FxToolkit.registerPrimaryStage();
        demonstration = new Demonstration(policies, new Random(STORM_SEED), Platform::runLater);
        recent = new RecentServers(recentFile, Platform::runLater);
        settings = WindowSettings.read(settingsFile());
        // The tour is for newcomers, and takes room.
        if (!wantsTour()) robot.interact(() -> settings.tourSeen().set(true));
        robot.interact(() -> {
            view = new MainView(demonstration, server, recent, settings, browsed::add);
            stage.setScene(new Scene(view, HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT));
            stage.show();
            view.start();
        });
        await("an open connection", () -> state() == ClientState.OPEN);
    }

    @AfterEach
    void close() throws Exception {
        if (view == null) return;
        robot.interact(() -> {
            view.stop();
            server.close();
        });
        FxToolkit.hideStage();
        demonstration.close();
    }

    Path settingsFile() {
        return folder.resolve("some").resolve("window.json");
    }

    /** Whether a window that is opened for the first time is tested. */
    boolean wantsTour() {
        return false;
    }

    Conversation conversation() {
        return demonstration.conversation();
    }

    ClientState state() {
        return conversation().state();
    }

    Totals totals() {
        return onWindow(() -> conversation().totals());
    }

    /** Asks on the window's thread, which alone may read what the window shows. */
    <T> T onWindow(Supplier<T> asked) {
        if (Platform.isFxApplicationThread()) return asked.get();
        return WaitForAsyncUtils.waitForAsyncFx(PATIENCE.toMillis(), asked::get);
    }

    /** What a total says on the screen. */
    int shown(String total) {
        return Integer.parseInt(text("#total-" + total));
    }

    /** What a total says in both directions together. */
    int shownBothWays(String total) {
        return shown("to-server-" + total) + shown("from-server-" + total);
    }

    Node node(String query) {
        return onWindow(() -> robot.lookup(query).query());
    }

    /** What a label says. */
    String text(String query) {
        return onWindow(() -> robot.lookup(query).queryLabeled().getText());
    }

    void click(Fault fault) {
        click("#" + FaultPane.id(fault));
    }

    void click(String query) {
        pointAt(robot.point(node(query)).query());
        robot.press(MouseButton.PRIMARY).release(MouseButton.PRIMARY);
    }

    /** Moves the pointer to a place on the screen in one step. The robot's own moves take up to 200. */
    void pointAt(Point2D place) {
        robot.robotContext().getBaseRobot().moveMouse(place);
        WaitForAsyncUtils.waitForFxEvents();
    }

    /** Waits until everything said so far has arrived, both ways, and more has been said. */
    void awaitProgress() {
        Totals before = totals();
        await("messages both ways", () -> {
            Totals now = totals();
            return now.fromServer().arrived() > before.fromServer().arrived()
                    && now.toServer().acknowledged() > before.toServer().sent();
        });
    }

    boolean logged(String words) {
        return onWindow(() -> {
            demonstration.log().flush();
            return demonstration.log().shown().stream()
                    .anyMatch(event -> event.toString().contains(words));
        });
    }

    /** Waits for words in the log, which may come later than what the window shows: other threads write them. */
    void awaitLogged(String words) {
        await("the words " + words, () -> logged(words));
    }

    void await(String what, Supplier<Boolean> condition) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > limit) fail("no " + what + "\n" + onWindow(this::everything));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Returns what explains a failure. */
    private String everything() {
        demonstration.log().flush();
        var samples = conversation().history().samples();
        return demonstration.log().text() + conversation().totals() + "\n" + state() + ", " + samples.size()
                + " samples, the last of "
                + (samples.isEmpty()
                        ? -1
                        : (System.nanoTime() - samples.get(samples.size() - 1).nanoTime()) / 1_000_000)
                + " ms ago, " + conversation().bufferedAmount() + " bytes wait";
    }
}

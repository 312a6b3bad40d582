package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Conversation;
import dev.holdfast.sample.model.NextAttempt;
import dev.holdfast.sample.model.ServerSettings;
import dev.holdfast.sample.model.ServerSettings.Kind;
import dev.holdfast.sample.server.ReferenceServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.animation.AnimationTimer;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.Node;
import javafx.scene.SnapshotParameters;
import javafx.scene.control.IndexedCell;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.control.TableView;
import javafx.scene.image.WritableImage;
import javafx.scene.text.Text;
import javafx.scene.transform.Transform;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Takes pictures of the window, for people to look at, in {@code target/pictures}. */
@Timeout(300)
class PicturesTest extends WindowHarness {
    /** How many messages before the first picture: with 250 the charts are full. */
    private static final int ACKNOWLEDGED = Integer.getInteger("pictures.acknowledged", 20);

    private static final Path FOLDER = Path.of("target", "pictures");
    private static final Path README_FOLDER = Path.of("..", "..", "docs", "img");
    private static final Set<String> IN_README = Set.of("before", "during", "after");
    private static final int[][] SIZES = {{HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT}, {1280, 800}, {1600, 1000}};
    /** Whether pictures of a third size and of a screen at 200 % are taken, which takes twice as long. */
    private static final boolean ALL = Boolean.getBoolean("pictures.all");

    /** Within so many pulses the window has laid out itself, and its lists have scrolled. */
    private static final int PULSES = 4;

    private static final boolean UPDATE = Boolean.getBoolean("pictures.update");

    PicturesTest() {
        // The pictures in the README show the delays of the window that people see.
        if (!UPDATE) {
            policies = new Conversation.Policies(
                    Backoff.exponential(Duration.ofMillis(150), Duration.ofSeconds(2)), policies.heartbeat());
        }
    }

    /** What the last picture does not show in full. */
    private List<String> cutOff = List.of();

    @Test
    void beforeDuringAndAfterACutInLightAndDarkSmallAndLarge() throws IOException {
        robot.interact(() -> demonstration.messagesPerSecond().set(UPDATE ? 5 : 10));
        for (int some = 20; some <= ACKNOWLEDGED; some += 20) {
            int enough = some;
            await("a conversation", () -> shown("to-server-acknowledged") > enough);
        }
        take("before");
        click(Fault.REFUSE);
        await("a countdown", () -> onWindow(this::isCountingDown));
        take("during", this::isCountingDown);
        click(Fault.REFUSE);
        await("a reconnect", () -> state() == ClientState.OPEN);
        awaitProgress();
        take("after");
        assertEquals(0, shownBothWays("silently-lost"));
    }

    private boolean isCountingDown() {
        NextAttempt next = conversation().nextAttempt();
        return state() == ClientState.WAITING
                && next != null
                && next.failure().attempt() > 3
                && next.shareLeft(System.nanoTime()) > 0.3;
    }

    @Test
    void afterAStormThatTheClientWasToldOf() throws IOException {
        robot.interact(() -> demonstration.messagesPerSecond().set(100));
        click(Fault.BLACK_HOLE_OUT);
        await("the hole", () -> logged("Black hole out"));
        await("messages in it", () -> totals().underWay() > 100);
        // A busy machine is still reading those when the network goes off, and what it reads shows that the connection
        // lives.
        robot.interact(() -> demonstration.messagesPerSecond().set(10));
        click(Fault.EXPIRE_SESSION);
        await("the end of the connection", () -> logged("failure"));
        click(Fault.BLACK_HOLE_OUT);
        await("messages that failed", () -> shown("to-server-in-doubt") > 100 && shown("sessions-lost") == 1);
        click(Fault.NETWORK_OFF);
        await("being offline", () -> state() == ClientState.OFFLINE);
        take("offline");
        click(Fault.NETWORK_OFF);
        await("an open connection", () -> state() == ClientState.OPEN);
        assertEquals(0, shownBothWays("silently-lost"));
    }

    @Test
    void theTabThatConnectsToAnyServer() throws IOException {
        try (ReferenceServer other = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            click("Connect to any server");
            robot.interact(() -> {
                recent.add(new ServerSettings(other.url(), "", "", Kind.RESUMABLE, "", "/id", "since", ""));
                recent.add(ServerSettings.of("ws://127.0.0.1:8080/chat"));
                recent.add(ServerSettings.of("wss://nowhere.invalid/live"));
            });
            connectToRecent(0);
            await("an explanation", () -> !text("#any-explanation").isEmpty());
            take("connect-failed");
            connectToRecent(2);
            robot.interact(() -> server.send("ahoy"));
            await("an open connection", () -> text("#any-state").equals("OPEN"));
            take("connect-open");
            TableView<?> lines = (TableView<?>) node("#any-log");
            robot.interact(() -> lines.getSelectionModel().selectLast());
            take("connect-detail");
        }
    }

    /** Returns the words that are not shown in full. */
    private List<String> cutOff() {
        List<String> found = new ArrayList<>();
        int seen = 0;
        for (Node node : view.lookupAll("*")) {
            if (!(node instanceof Labeled labeled) || labeled.getText() == null) continue;
            if (!(labeled.lookup(".text") instanceof Text text)) continue;
            boolean cut = text.getText().endsWith("...") && !labeled.getText().endsWith("...");
            if (cut && !isInTable(labeled)) found.add(labeled.getText() + " is shown as " + text.getText());
            seen++;
        }
        assertTrue(seen > 20, "few words in the window");
        return found;
    }

    /** Whether this is a message: those are shortened, and shown in full beside the table. */
    private static boolean isInTable(Node node) {
        return node instanceof IndexedCell && node.getParent() instanceof IndexedCell;
    }

    private void connectToRecent(int place) {
        ListView<?> list = (ListView<?>) node("#any-recent");
        robot.interact(() -> list.getSelectionModel().select(place));
        click("#any-connect");
    }

    private void take(String name) throws IOException {
        take(name, () -> true);
    }

    /** Takes a picture in each theme and size, each at a moment of which the condition holds. */
    private void take(String name, Supplier<Boolean> condition) throws IOException {
        for (Theme theme : Theme.values()) {
            String shade = theme.toString().toLowerCase(Locale.ROOT);
            for (int[] size : SIZES) {
                if (!ALL && size[0] == 1280) continue;
                write(picture(condition, theme, size[0], size[1], 1), name + "-" + shade + "-" + size[0] + ".png");
                assertEquals(List.of(), cutOff, () -> "cut off at " + size[0] + " x " + size[1]);
            }
            if (ALL) write(picture(condition, theme, 900, 600, 2), name + "-" + shade + "-200-percent.png");
        }
        show(Theme.LIGHT, HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT);
        if (UPDATE && IN_README.contains(name)) {
            Path picture = FOLDER.resolve(name + "-light-900.png");
            Files.copy(picture, README_FOLDER.resolve("window-" + name + ".png"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private WritableImage picture(Supplier<Boolean> condition, Theme theme, int width, int height, int scale) {
        show(theme, width, height);
        AtomicReference<WritableImage> taken = new AtomicReference<>();
        await(
                "a moment for a picture",
                () -> onWindow(() -> {
                    boolean now = condition.get();
                    if (now) taken.set(picture(scale));
                    return now;
                }));
        return taken.get();
    }

    private static void write(WritableImage image, String file) throws IOException {
        Files.createDirectories(FOLDER);
        assertTrue(ImageIO.write(
                SwingFXUtils.fromFXImage(image, null),
                "png",
                FOLDER.resolve(file).toFile()));
    }

    /**
     * The pictures in the README show the words of this window. If they differ, run this class with {@code
     * -Dpictures.update=true -Dpictures.acknowledged=250}, which takes the pictures anew.
     */
    @Test
    void thePicturesInTheReadmeShowThisWindow() throws IOException {
        String words = onWindow(() -> view.lookupAll("*").stream()
                .filter(node -> node instanceof Labeled && isLasting(node))
                .map(node -> ((Labeled) node).getText())
                .filter(text -> text != null && !text.isBlank())
                .distinct()
                .sorted()
                .collect(Collectors.joining("\n", "", "\n")));
        Path file = README_FOLDER.resolve("window.txt");
        if (UPDATE) Files.writeString(file, words);
        assertEquals(Files.readString(file), words);
    }

    /** Whether a label always has the same words: not a figure, a message or a state. */
    private static boolean isLasting(Node node) {
        for (Node at = node; at != null; at = at.getParent()) {
            if (at instanceof IndexedCell) return false;
        }
        boolean changing =
                node.getStyleClass().contains("figure") || node.getStyleClass().contains("state");
        return !changing && !Set.of("happened", "decided", "demo-url").contains(String.valueOf(node.getId()));
    }

    @Test
    void aWindowThatIsOpenedForTheFirstTime() throws IOException {
        robot.interact(() -> settings.tourSeen().set(false));
        awaitProgress();
        take("tour");
        click("#tour-next");
        click(Fault.REFUSE);
        await("the next step", () -> text("#tour-text").startsWith("Press Refuse again"));
        take("tour-refused");
        click(Fault.REFUSE);
        await("the end", () -> text("#tour-text").contains("still 0"));
        robot.interact(() -> settings.tourSeen().set(true));
    }

    /**
     * Resizes what is in the window, not the window, whose size the screen in memory can't change. Returns when lists
     * and charts have followed, as they do for a user.
     */
    private void show(Theme theme, int width, int height) {
        robot.interact(() -> {
            view.resize(width, height);
            settings.dark().set(theme == Theme.DARK);
        });
        AtomicInteger pulses = new AtomicInteger();
        AnimationTimer counter = new AnimationTimer() {
            @Override
            public void handle(long now) {
                pulses.incrementAndGet();
            }
        };
        robot.interact(counter::start);
        await("pulses", () -> pulses.get() > PULSES);
        robot.interact(counter::stop);
    }

    private WritableImage picture(int scale) {
        // The charts have the new size and the values of this moment.
        view.setTheme(view.theme());
        SnapshotParameters parameters = new SnapshotParameters();
        parameters.setTransform(Transform.scale(scale, scale));
        cutOff = cutOff();
        return view.snapshot(parameters, null);
    }
}

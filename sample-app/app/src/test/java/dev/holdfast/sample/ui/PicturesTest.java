package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.ServerSettings;
import dev.holdfast.sample.model.ServerSettings.Kind;
import dev.holdfast.sample.server.ReferenceServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.Node;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.image.WritableImage;
import javafx.scene.text.Text;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Takes pictures of the window, for people to look at, in {@code target/pictures}. */
@Timeout(120)
class PicturesTest extends WindowHarness {
    /** How many messages before the first picture: with 250 the charts are full. */
    private static final int ACKNOWLEDGED = Integer.getInteger("pictures.acknowledged", 20);

    private static final Path FOLDER = Path.of("target", "pictures");

    @Test
    void beforeDuringAndAfterACutInLightAndDarkSmallAndLarge() throws IOException {
        robot.interact(() -> demonstration.messagesPerSecond().set(5));
        for (int some = 20; some <= ACKNOWLEDGED; some += 20) {
            int enough = some;
            await("a conversation", () -> shown("acknowledged") > enough);
        }
        take("before");
        click(Fault.REFUSE);
        await(
                "a countdown",
                () -> state() == ClientState.WAITING
                        && conversation().nextAttempt().failure().attempt() > 3
                        && conversation().nextAttempt().shareLeft(System.nanoTime()) > 0.3);
        take("during");
        click(Fault.REFUSE);
        await("a reconnect", () -> state() == ClientState.OPEN);
        awaitProgress();
        take("after");
        assertEquals(0, shown("lost"));
    }

    @Test
    void afterAStormThatTheClientWasToldOf() throws IOException {
        robot.interact(() -> demonstration.messagesPerSecond().set(100));
        click(Fault.BLACK_HOLE_OUT);
        await("the hole", () -> logged("Black hole out"));
        await("messages in it", () -> totals().underWay() > 100);
        click(Fault.EXPIRE_SESSION);
        await("the end of the connection", () -> logged("failure"));
        click(Fault.BLACK_HOLE_OUT);
        await("messages that failed", () -> shown("told-lost") > 100 && shown("sessions-lost") == 1);
        click(Fault.NETWORK_OFF);
        await("being offline", () -> state() == ClientState.OFFLINE);
        take("offline");
        click(Fault.NETWORK_OFF);
        await("an open connection", () -> state() == ClientState.OPEN);
        assertEquals(0, shown("lost"));
    }

    @Test
    void theTabThatConnectsToAnyServer() throws IOException {
        try (ReferenceServer other = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            click("Connect to any server");
            robot.interact(() -> {
                recent.add(new ServerSettings(other.url(), "", "", Kind.RESUMABLE, "/id", "since", ""));
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
        }
    }

    private void noTextIsCutOff() {
        int seen = 0;
        for (Node node : view.lookupAll("*")) {
            if (!(node instanceof Labeled labeled) || labeled.getText() == null) continue;
            if (!(labeled.lookup(".text") instanceof Text text)) continue;
            boolean cut = text.getText().endsWith("...") && !labeled.getText().endsWith("...");
            assertFalse(cut, labeled.getText() + " is shown as " + text.getText());
            seen++;
        }
        assertTrue(seen > 20, () -> "few words in the window");
    }

    private void connectToRecent(int place) {
        ListView<?> list = (ListView<?>) node("#any-recent");
        robot.interact(() -> list.getSelectionModel().select(place));
        click("#any-connect");
    }

    /** In both themes and sizes, at one moment. */
    private void take(String name) throws IOException {
        for (Theme theme : Theme.values()) {
            for (int[] size : new int[][] {{HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT}, {1600, 1000}}) {
                WritableImage image = onWindow(() -> picture(theme, size[0], size[1]));
                Files.createDirectories(FOLDER);
                String file = name + "-" + theme.toString().toLowerCase(Locale.ROOT) + "-" + size[0] + ".png";
                assertTrue(ImageIO.write(
                        SwingFXUtils.fromFXImage(image, null),
                        "png",
                        FOLDER.resolve(file).toFile()));
            }
        }
    }

    /** Not of the window, whose size the screen in memory can't change. */
    private WritableImage picture(Theme theme, int width, int height) {
        view.resize(width, height);
        view.setTheme(theme);
        view.applyCss();
        view.layout();
        for (Node list : view.lookupAll(".list-view")) {
            ListView<?> shown = (ListView<?>) list;
            shown.scrollTo(shown.getItems().size() - 1);
        }
        view.layout();
        // The charts have the new size.
        view.setTheme(theme);
        noTextIsCutOff();
        WritableImage image = view.snapshot(null, null);
        view.resize(HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT);
        view.setTheme(Theme.LIGHT);
        return image;
    }
}

package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.sample.model.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.image.WritableImage;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Takes pictures of the window, for people to look at, in {@code target/pictures}. */
@Timeout(120)
class PicturesTest extends WindowHarness {
    private static final Path FOLDER = Path.of("target", "pictures");

    @Test
    void beforeDuringAndAfterACutInLightAndDarkSmallAndLarge() throws IOException {
        robot.interact(() -> demonstration.messagesPerSecond().set(5));
        await("a conversation", () -> shown("acknowledged") > 20);
        take("before");
        click(Fault.REFUSE);
        click(Fault.CUT);
        await(
                "a countdown",
                () -> state() == ClientState.WAITING
                        && conversation().nextAttempt().failure().attempt() > 2
                        && conversation().nextAttempt().shareLeft(System.nanoTime()) > 0.3);
        take("during");
        click(Fault.REFUSE);
        await("a reconnect", () -> state() == ClientState.OPEN);
        awaitProgress();
        take("after");
        assertEquals(0, shown("lost"));
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
        // The charts have the new size.
        view.setTheme(theme);
        WritableImage image = view.snapshot(null, null);
        view.resize(HoldfastApp.MIN_WIDTH, HoldfastApp.MIN_HEIGHT);
        view.setTheme(Theme.LIGHT);
        return image;
    }
}

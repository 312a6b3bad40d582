package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.demo.SecondClient;
import java.util.concurrent.atomic.AtomicInteger;
import javafx.beans.value.ChangeListener;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The button kills a process with messages on its disk, and the window shows that all of them arrive once. */
@Timeout(180)
class KillPaneTest extends WindowHarness {
    private int shownOf(String count) {
        String text = text("#second-" + count);
        return Integer.parseInt(text.substring(text.lastIndexOf(' ') + 1));
    }

    private boolean isKilling() {
        return onWindow(() -> demonstration.killDesk().killing().get());
    }

    @Test
    void whatWaitedOnTheDiskOfAKilledProcessArrivesOnce() {
        Assumptions.assumeTrue(SecondClient.isPossible(), "no Java to start a process with");
        for (int kill = 1; kill <= 2; kill++) {
            int before = shownOf("came-back");
            int killed = kill;
            AtomicInteger waited = new AtomicInteger();
            ChangeListener<SecondClient.Counts> listener = (changed, was, is) -> {
                if (!is.running() && is.killed() == killed) waited.set(shownOf("on-disk"));
            };
            robot.interact(() -> demonstration.killDesk().counts().addListener(listener));
            click("#kill-process");
            await("a kill", () -> waited.get() > 0);
            await("the next process", () -> !isKilling() && shownOf("came-back") > before);
            robot.interact(() -> demonstration.killDesk().counts().removeListener(listener));
            assertEquals(kill, shownOf("killed"));
            assertTrue(shownOf("came-back") - before >= waited.get(), () -> waited + " waited on the disk");
            assertFalse(
                    logged("failed"), () -> onWindow(() -> demonstration.log().text()));
            assertFalse(
                    logged("has a problem"),
                    () -> onWindow(() -> demonstration.log().text()));
        }
        await("more messages", () -> shownOf("arrived") > shownOf("came-back"));
        assertEquals(0, shownOf("lost"));
        assertEquals(0, shownOf("duplicated"));
        // The conversation of the first client is not touched.
        assertEquals(0, shownBothWays("silently-lost"));
        assertEquals(0, shown("reconnects"));
    }
}

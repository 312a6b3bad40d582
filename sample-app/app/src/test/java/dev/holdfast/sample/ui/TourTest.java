package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.WindowSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tour of a window that is opened for the first time. */
@Timeout(180)
class TourTest extends WindowHarness {
    @Override
    boolean wantsTour() {
        return true;
    }

    private boolean isShown() {
        return onWindow(() -> node("#tour").isVisible());
    }

    private boolean isPointed() {
        return onWindow(() -> node("#" + FaultPane.id(Fault.REFUSE))
                .getPseudoClassStates()
                .toString()
                .contains("pointed"));
    }

    @Test
    void theTourFollowsTheUserAndIsTakenOnce() throws Exception {
        assertTrue(isShown());
        assertFalse(isPointed());
        click("#tour-next");
        await("the button pointed at", this::isPointed);
        click(Fault.REFUSE);
        await("the next step", () -> text("#tour-text").startsWith("Press Refuse again"));
        click(Fault.REFUSE);
        await("the last words", () -> text("#tour-text").contains("still 0"));
        assertEquals(0, shownBothWays("silently-lost") + shownBothWays("duplicated") + shownBothWays("reordered"));
        click("#tour-skip");
        await("no tour", () -> !isShown());
        await("a file", () -> WindowSettings.read(settingsFile()).tourSeen().get());
        click("#tour-again");
        await("the tour", this::isShown);
        assertTrue(text("#tour-text").startsWith("A client and a server"));
    }

    @Test
    void theTourCanBeSkipped() {
        click("#tour-skip");
        await("no tour", () -> !isShown());
        assertFalse(isPointed());
    }
}

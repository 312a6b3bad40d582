package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Totals;
import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A proxy blocks WebSockets: the session moves to plain HTTP and back, and the window says so. */
@Timeout(300)
class ProxyFaultsTest extends FaultButtonsHarness {
    /** Presses a button, exchanges messages over HTTP, and presses it again. */
    private void movesToHttpAndBack(Fault fault) {
        awaitProgress();
        click(fault);
        await("a session over HTTP", () -> text("#state").equals("OPEN over HTTP"));
        awaitLogged("is over plain HTTP");
        awaitProgress();
        click(fault);
        await("a handover", () -> logged("has taken over"));
        await("a session over a WebSocket", () -> text("#state").equals("OPEN"));
        awaitProgress();
        List<String> opened = onWindow(() -> {
            List<String> names = new ArrayList<>();
            conversation().history().states().stream()
                    .filter(change -> change.state() == ClientState.OPEN)
                    .forEach(change -> names.add(change.toString()));
            return names;
        });
        assertTrue(opened.size() >= 3, opened::toString);
        assertTrue(opened.contains("open over HTTP"), opened::toString);
        assertTrue(opened.get(opened.size() - 1).equals("open"), opened::toString);
    }

    @Test
    void blockingProxy() {
        movesToHttpAndBack(Fault.BLOCK_WEB_SOCKETS);
    }

    @Test
    void bufferingProxy() {
        movesToHttpAndBack(Fault.BUFFER);
    }

    @Test
    void oneProxyTakesThePlaceOfTheOther() {
        click(Fault.BLOCK_WEB_SOCKETS);
        await("a session over HTTP", () -> text("#state").equals("OPEN over HTTP"));
        click(Fault.BUFFER);
        awaitFaultsApplied();
        assertFalse(onWindow(
                () -> demonstration.faults().on(Fault.BLOCK_WEB_SOCKETS).get()));
        await("a session that polls", () -> text("#state").equals("OPEN over HTTP"));
        Totals before = totals();
        await(
                "messages by polls",
                () -> totals().fromServer().arrived() > before.fromServer().arrived() + 20);
        click(Fault.BUFFER);
        await("a session over a WebSocket", () -> text("#state").equals("OPEN"));
    }

    /** A pane of faults that has too little room scrolls to what has the focus. */
    @Test
    void theKeyboardScrollsToTheLastFault() {
        ScrollPane pane = (ScrollPane) node(".faults > .scroll-pane");
        robot.interact(() -> pane.setMaxHeight(150));
        robot.interact(() -> node("#delay").requestFocus());
        for (int i = 0; i < 100 && !isVisible("#kill-process"); i++) robot.type(KeyCode.TAB);
        assertTrue(isVisible("#kill-process"));
    }

    private boolean isVisible(String id) {
        return onWindow(() -> {
            Node node = robot.lookup(id).query();
            ScrollPane pane = null;
            for (Node at = node; at != null; at = at.getParent()) {
                if (at instanceof ScrollPane scroll) pane = scroll;
            }
            Bounds bounds = node.localToScene(node.getLayoutBounds());
            return pane != null
                    && node.isFocused()
                    && pane.localToScene(pane.getLayoutBounds()).contains(bounds);
        });
    }
}

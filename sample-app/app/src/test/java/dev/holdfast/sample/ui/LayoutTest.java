package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javafx.geometry.Bounds;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.control.Control;
import javafx.scene.control.IndexedCell;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.control.ScrollBar;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.SplitPane;
import javafx.scene.control.TableRow;
import javafx.scene.control.TableView;
import javafx.scene.control.skin.VirtualFlow;
import javafx.scene.layout.Region;
import javafx.scene.text.Text;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The smallest window shows what is in it: whole, and without scrolling if that is possible. */
@Timeout(180)
class LayoutTest extends WindowHarness {
    /** The shortest thumb of a scroll bar that a pointer catches without an effort. */
    private static final int MIN_THUMB = 20;

    /** The height of a line of the events. */
    private static final int LINE_HEIGHT = 20;

    @Override
    boolean wantsTour() {
        return true;
    }

    private void relayout() {
        robot.interact(() -> {
            view.applyCss();
            view.layout();
        });
    }

    private void assertFaultsFit() {
        relayout();
        ScrollPane pane = (ScrollPane) node(".faults > .scroll-pane");
        double needed = onWindow(() -> pane.getContent().getLayoutBounds().getHeight());
        double room = onWindow(() -> pane.getViewportBounds().getHeight());
        assertTrue(needed <= room + 0.5, () -> "the faults need " + needed + ", there are " + room);
    }

    @Test
    void theFaultsFitBesideTheTour() {
        assertFaultsFit();
    }

    @Test
    void theFaultsAndTheCountsOfTheKilledClientFit() {
        robot.interact(() -> settings.tourSeen().set(true));
        Node counts = node("#second-counts");
        assertFalse(counts.isVisible());
        robot.interact(() -> {
            counts.visibleProperty().unbind();
            counts.setVisible(true);
        });
        assertFaultsFit();
    }

    /** A fault and a total are explained in one line. */
    @Test
    void everyExplanationIsShownWhole() {
        Labeled explanation = (Labeled) node("#explanation");
        List<String> cut = new ArrayList<>();
        AtomicInteger explained = new AtomicInteger();
        robot.interact(() -> {
            List<String> sentences = new ArrayList<>(List.of(explanation.getText()));
            for (Node node : view.lookupAll("*")) {
                if (node.getAccessibleHelp() != null) sentences.add(node.getAccessibleHelp() + ".");
            }
            explained.set(sentences.size());
            for (String sentence : sentences) {
                explanation.setText(sentence);
                view.layout();
                if (!((Text) explanation.lookup(".text")).getText().equals(sentence)) cut.add(sentence);
            }
        });
        assertTrue(explained.get() > 40, () -> explained + " explanations");
        assertEquals(List.of(), cut);
    }

    @Test
    void noLineOfTheEventsIsCut() {
        for (int i = 0; i < 40; i++) demonstration.log().add("test", "a line");
        await(
                "lines that scroll",
                () -> onWindow(() -> demonstration.log().shown().size()) >= 40);
        SplitPane split = (SplitPane) node("#split-events");
        for (double position : new double[] {0.62, 0.65, 0.68, 0.71}) {
            robot.interact(() -> split.setDividerPositions(position));
            relayout();
            double height = onWindow(() -> area((TableView<?>) node("#log")).getHeight());
            assertEquals(0, height % LINE_HEIGHT, 0.01, () -> "lines of " + LINE_HEIGHT + " in a height of " + height);
        }
    }

    /** As many events as just fit are the difficult case. */
    @Test
    void theNewestEventIsInSightInAWindowOfAnySize() {
        robot.interact(() -> settings.tourSeen().set(true));
        TableView<?> table = (TableView<?>) node("#log");
        for (int lines = onWindow(() -> table.getItems().size()); lines < 12; lines++) {
            demonstration.log().add("test", "a line");
            for (int[] size : new int[][] {{900, 600}, {1280, 800}}) {
                robot.interact(() -> view.resize(size[0], size[1]));
                awaitNewest(table, lines + 1);
            }
        }
    }

    @Test
    void theNewestMessageIsInSight() {
        ListView<?> list = (ListView<?>) node("#conversation");
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        for (int lines = onWindow(() -> list.getItems().size()); lines < 16; lines++) {
            robot.interact(() -> conversation().send("ahoy"));
            awaitNewest(list, lines + 1);
        }
    }

    /** Waits until a list shows as many of its lines as fit, down to the newest. */
    private void awaitNewest(Control list, int lines) {
        await(
                "the newest of " + lines + " lines",
                () -> onWindow(() -> {
                    VirtualFlow<?> flow = (VirtualFlow<?>) list.lookup(".virtual-flow");
                    int fit = Math.min(lines, (int) (flow.getHeight() / LINE_HEIGHT));
                    IndexedCell<?> last = flow.getLastVisibleCell();
                    return flow.getCellCount() >= lines
                            && last.getIndex() == flow.getCellCount() - 1
                            && Math.abs(last.getBoundsInParent().getMaxY() - fit * LINE_HEIGHT) < 1;
                }));
    }

    @Test
    void theDetailsOfAMessageLeaveRoomForTheTable() {
        click("Connect to any server");
        for (int i = 0; i < 40; i++) server.log().add("test", "a line");
        TableView<?> table = (TableView<?>) node("#any-log");
        await("the lines", () -> onWindow(() -> table.getItems().size()) >= 40);
        robot.interact(() -> table.getSelectionModel().selectLast());
        relayout();
        for (Node node : onWindow(() -> table.lookupAll(".scroll-bar"))) {
            ScrollBar bar = (ScrollBar) node;
            assertFalse(
                    bar.getOrientation() == Orientation.HORIZONTAL && bar.isVisible(), "the table scrolls sideways");
        }
        await(
                "the selected line in sight",
                () -> onWindow(() -> {
                    Bounds area = area(table);
                    for (Node node : table.lookupAll(".table-row-cell")) {
                        if (!(node instanceof TableRow<?> row) || !row.isSelected() || !row.isVisible()) continue;
                        Bounds bounds = row.localToScene(row.getLayoutBounds());
                        if (bounds.getMinY() >= area.getMinY() - 0.5 && bounds.getMaxY() <= area.getMaxY() + 0.5)
                            return true;
                    }
                    return false;
                }));
    }

    private static Bounds area(TableView<?> table) {
        Node clip = table.lookup(".clipped-container");
        return clip.localToScene(clip.getLayoutBounds());
    }

    /** Among many lines the thumb would be a dot. */
    @Test
    void theThumbOfAScrollBarCanBeCaught() {
        robot.interact(() -> {
            for (int i = 0; i < 400; i++) conversation().send("one of many");
        });
        await("the lines", () -> onWindow(() -> conversation().lines().size()) > 300);
        await(
                "a thumb",
                () -> onWindow(() -> {
                    Region thumb = (Region) view.lookup("#conversation").lookup(".scroll-bar:vertical .thumb");
                    return thumb != null && thumb.isVisible() && thumb.getHeight() > 0;
                }));
        relayout();
        double length = onWindow(
                () -> ((Region) view.lookup("#conversation").lookup(".scroll-bar:vertical .thumb")).getHeight());
        assertTrue(length >= MIN_THUMB, () -> "a thumb of " + length);
    }

    /** The URL in the corner is in both tabs, and not that of the server in the second. */
    @Test
    void theUrlInTheCornerSaysWhoseItIs() {
        assertEquals("Demo server " + onWindow(demonstration::url), text("#demo-url"));
    }
}

package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.ChatLine;
import dev.holdfast.sample.model.History;
import dev.holdfast.sample.model.Mark;
import dev.holdfast.sample.model.WindowSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javafx.scene.AccessibleAttribute;
import javafx.scene.Node;
import javafx.scene.control.Control;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.control.SplitPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.skin.VirtualFlow;
import javafx.scene.image.WritableImage;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import javafx.scene.paint.Color;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of the faults: the conversation, the totals, the events, the theme and the keyboard. */
@Timeout(180)
class ConversationTest extends WindowHarness {
    private ChatLine line(String text) {
        return onWindow(() -> conversation().lines().stream()
                .filter(line -> line.text().equals(text))
                .findFirst()
                .orElseThrow());
    }

    private void send(String text) {
        click("#message");
        robot.write(text, 0);
        robot.type(KeyCode.ENTER);
        awaitLine(text);
    }

    private void awaitLine(String text) {
        await(
                "the line " + text,
                () -> onWindow(() -> conversation().lines().stream()
                        .anyMatch(line -> line.text().equals(text))));
    }

    @Test
    void aMessageIsAcknowledgedAndCounted() {
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        send("ahoy");
        await("an acknowledgement", () -> line("ahoy").mark() == Mark.ACKNOWLEDGED);
        click("#message");
        robot.write("ahoy again", 0);
        click("#send");
        awaitLine("ahoy again");
        await("another", () -> line("ahoy again").mark() == Mark.ACKNOWLEDGED);
        await(
                "it in the totals",
                () -> shown("to-server-acknowledged") == totals().toServer().sent() && shown("pending") == 0);
        assertEquals("waiting", Mark.WAITING.label());
    }

    @Test
    void aMessageWaitsWhileThereIsNoConnection() {
        click(Fault.REFUSE);
        await("a failure", () -> logged("failure"));
        send("later");
        assertEquals(Mark.WAITING, line("later").mark());
        click(Fault.REFUSE);
        await("an acknowledgement", () -> line("later").mark() == Mark.ACKNOWLEDGED);
    }

    @Test
    void whatIsUnderWayInASessionThatIsLostFailsAndIsTold() {
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        await("quiet", () -> totals().underWay() == 0);
        click(Fault.BLACK_HOLE_OUT);
        await("the hole", () -> logged("Black hole out"));
        send("gone");
        await("it in a socket", () -> line("gone").mark() == Mark.WRITTEN);
        click(Fault.EXPIRE_SESSION);
        await("the end of the connection", () -> logged("failure"));
        click(Fault.BLACK_HOLE_OUT);
        await("its end", () -> line("gone").mark() == Mark.FAILED);
        assertTrue(line("gone").detail().startsWith("UNKNOWN"));
        await("it among those reported", () -> shown("to-server-in-doubt") == 1);
        assertEquals(0, shownBothWays("silently-lost"));
    }

    @Test
    void theEventsAreFilteredCopiedAndSaved() throws Exception {
        await("a line that will be shown", () -> logged("OPEN"));
        click("#filter");
        robot.write("open", 0);
        String text = onWindow(() -> demonstration.log().text());
        assertTrue(text.lines().allMatch(line -> line.contains("OPEN")), text);
        assertTrue(text.lines().count() >= 1);
        click("#copy");
        assertEquals(text, onWindow(() -> Clipboard.getSystemClipboard().getString()));
        Path file = folder.resolve("events.txt");
        robot.interact(() -> view.demo().log().saveTo(file));
        click("#save");
        await("a file", () -> Files.exists(file));
        robot.interact(() -> demonstration.log().filter(""));
        // The file is there before it is full.
        await("the log to say so", () -> logged("saved to " + file));
        assertEquals(text, Files.readString(file));
    }

    @Test
    void theThemeChanges() {
        assertEquals(Theme.LIGHT, view.theme());
        click("#dark");
        assertEquals(Theme.DARK, view.theme());
        click("#dark");
        assertEquals(Theme.LIGHT, view.theme());
    }

    @Test
    void theThemeAndTheDividersAreRemembered() throws Exception {
        click("#dark");
        Node divider = node("#split-events > .split-pane-divider");
        robot.drag(divider).dropBy(0, -40);
        double position = onWindow(() -> ((SplitPane) node("#split-events")).getDividerPositions()[0]);
        await("a file", () -> WindowSettings.read(settingsFile()).dark().get());
        await("the divider in it", () -> near(position, WindowSettings.read(settingsFile())));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(settingsFile()));
        close();
        open();
        assertEquals(Theme.DARK, view.theme());
        assertTrue(((ToggleButton) node("#dark")).isSelected());
        double again = onWindow(() -> ((SplitPane) node("#split-events")).getDividerPositions()[0]);
        assertEquals(position, again, 0.02);
    }

    private static boolean near(double position, WindowSettings read) {
        return Math.abs(read.divider("events", 0.1).get() - position) < 0.002;
    }

    @Test
    void aboutHasTheVersionAndALink() {
        click("#about-open");
        await(
                "a dialog",
                () -> onWindow(() -> !robot.lookup("#about-home").queryAll().isEmpty()));
        assertFalse(text("#about .title").isBlank());
        click("#about-home");
        await("the link in the browser", () -> browsed.equals(List.of(About.HOME)));
        robot.type(KeyCode.ESCAPE);
    }

    private void pulses(int count) {
        for (int i = 0; i < count; i++) robot.interact(() -> {});
    }

    /** Also if nothing is said meanwhile, and the pointer is elsewhere. */
    @Test
    void aReaderWhoHasScrolledUpStaysThere() {
        robot.interact(() -> demonstration.messagesPerSecond().set(50));
        await("many lines", () -> shown("to-server-acknowledged") > 60);
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        await("an end", () -> shown("pending") == 0);
        pulses(10);
        ListView<?> list = (ListView<?>) node("#conversation");
        robot.interact(() -> list.scrollTo(0));
        pulses(10);
        VirtualFlow<?> flow = (VirtualFlow<?>) list.lookup(".virtual-flow");
        assertEquals(0, onWindow(() -> flow.getFirstVisibleCell().getIndex()));
    }

    @Test
    void aFailureThatIsOverSaysSo() {
        await("words before any failure", () -> text("#happened").contains("Press Refuse"));
        click(Fault.CUT);
        await("words of the recovery", () -> text("#decided").matches("Recovered after [0-9.]+ s"));
        assertTrue(text("#happened").startsWith("Previous failure, SESSION: "), text("#happened"));
        await(
                "the colour of it",
                () -> onWindow(
                        () -> node("#decided").getPseudoClassStates().toString().contains("over")));
    }

    /** Each total is explained on the screen, not only beside the pointer. */
    @Test
    void aTotalIsExplained() {
        await("words about all totals", () -> text("#explanation").contains("stay 0"));
        robot.moveTo(node("#total-to-server-in-doubt"));
        await("its meaning", () -> text("#explanation").startsWith("in doubt: Messages that the client"));
    }

    /** At the pointer the titles have the values of then, and of now again when it is gone. */
    @Test
    void theChartsShowTheValuesUnderThePointer() {
        Charts charts = (Charts) node("#charts");
        click(Fault.REFUSE);
        await("a message that waits", () -> onWindow(() -> conversation().bufferedAmount()) > 0);
        await("it in the charts", () -> onWindow(() -> charts.titles().get(2)).matches("messages queued [1-9].*"));
        click(Fault.REFUSE);
        await("an empty queue", () -> onWindow(() -> charts.titles().get(2)).equals("messages queued 0"));
        assertEquals("", onWindow(charts::moment));
        List<History.Sample> outage = onWindow(() -> conversation().history().samples().stream()
                .filter(sample -> sample.queued() > 0 && Double.isNaN(sample.ackMillis()))
                .toList());
        long waited = outage.get(outage.size() / 2).nanoTime();
        // The charts move on under a pointer that does not.
        await("the values of then", () -> {
            pointAt(onWindow(() -> {
                double age = (System.nanoTime() - waited) / (double) History.SPAN_NANOS;
                double plotWidth = charts.getWidth() - 2 * Charts.MARGIN;
                return charts.localToScreen(Charts.MARGIN + plotWidth * (1 - age), 30);
            }));
            return onWindow(() -> charts.titles().get(2).matches("messages queued [1-9].*")
                    && charts.moment().matches("[0-9.]+ s ago, (waiting|connecting|resuming)"));
        });
        pointAt(robot.point(node("#message")).query());
        await(
                "the values of now",
                () -> onWindow(() ->
                        charts.moment().isEmpty() && charts.titles().get(2).equals("messages queued 0")));
    }

    /** Otherwise the line of ten messages a second could be above that of a hundred. */
    @Test
    void theRatesOfBothDirectionsHaveOneScale() {
        Charts charts = (Charts) node("#charts");
        pointAt(robot.point(node("#message")).query());
        robot.interact(() -> {
            for (int i = 0; i < 200; i++) conversation().send("one of many");
        });
        await("the rate", () -> onWindow(() -> charts.titles().get(4)).matches("sent [1-9][0-9]+/s"));
        List<String> scales = onWindow(charts::scales);
        assertEquals(scales.get(4), scales.get(5));
        assertTrue(scales.get(4).matches("[125]0+/s"), scales.get(4));
        assertFalse(onWindow(() -> charts.titles().get(5)).matches("received [1-9][0-9]+/s"));
    }

    /** The scale is beside the line, and not over its newest values. */
    @Test
    void theLinesOfTheChartsReachThePresent() {
        Charts charts = (Charts) node("#charts");
        pointAt(robot.point(node("#message")).query());
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        await(
                "the line of an empty queue",
                () -> onWindow(() -> {
                    WritableImage image = charts.snapshot(null, null);
                    double present = charts.getWidth() - Charts.MARGIN;
                    List<Integer> line = rowsOfTheQueue(image, present - 9);
                    return !line.isEmpty() && line.equals(rowsOfTheQueue(image, present - 3));
                }));
    }

    /** Returns where the line of the chart in the middle is drawn in this column. */
    private static List<Integer> rowsOfTheQueue(WritableImage image, double x) {
        int height = (int) image.getHeight();
        return IntStream.range(height / 3, height * 2 / 3)
                .filter(y -> isNear(image.getPixelReader().getColor((int) x, y), Theme.LIGHT.first))
                .boxed()
                .toList();
    }

    private static boolean isNear(Color one, Color other) {
        return Math.abs(one.getRed() - other.getRed())
                        + Math.abs(one.getGreen() - other.getGreen())
                        + Math.abs(one.getBlue() - other.getBlue())
                < 0.3;
    }

    /** For those who hear what others see. */
    @Test
    void everyControlHasAName() {
        for (String tab : new String[] {"See nothing get lost", "Connect to any server"}) {
            click(tab);
            onWindow(() -> view.lookupAll("*")).stream()
                    .filter(node -> node instanceof Control && node.isFocusTraversable() && node.getId() != null)
                    .forEach(node -> assertTrue(hasName((Control) node), node.toString()));
        }
    }

    private static boolean hasName(Control control) {
        return control.getAccessibleText() != null
                || control.queryAccessibleAttribute(AccessibleAttribute.LABELED_BY) != null
                || (control instanceof Labeled labeled && !labeled.getText().isBlank());
    }

    /** From the first control on, the tabulator comes to every other one. */
    @Test
    void theKeyboardReachesEverything() {
        Set<String> reached = new LinkedHashSet<>();
        for (int i = 0; i < 60; i++) {
            robot.type(KeyCode.TAB);
            Node owner = onWindow(() -> stage.getScene().getFocusOwner());
            if (owner != null && owner.getId() != null) reached.add(owner.getId());
        }
        for (Fault fault : Fault.values()) {
            boolean slider = fault.part() == Fault.Part.PACE;
            assertTrue(slider || reached.contains(FaultPane.id(fault)), fault + " in " + reached);
        }
        for (String id : new String[] {
            "conversation",
            "message",
            "send",
            "pace",
            "storm",
            "delay",
            "throttle",
            "storm-loses-sessions",
            "filter",
            "follow",
            "pause",
            "clear",
            "copy",
            "save",
            "log",
            "dark",
            "tabs"
        }) {
            assertTrue(reached.contains(id), id + " in " + reached);
        }
        robot.interact(() -> node("#" + FaultPane.id(Fault.CUT)).requestFocus());
        robot.type(KeyCode.SPACE);
        await("a reconnect", () -> shown("reconnects") == 1);
    }
}

package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.model.LogEvent;
import dev.holdfast.sample.model.ServerSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javafx.animation.AnimationTimer;
import javafx.event.Event;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.IndexedCell;
import javafx.scene.control.TableView;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.TreeView;
import javafx.scene.control.skin.VirtualFlow;
import javafx.scene.input.ScrollEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table of messages and events, and how it copes with floods. */
@Timeout(180)
class LogTest extends WindowHarness {
    /** The rate of the flood in messages per second. */
    private static final int RATE = Integer.getInteger("flood.rate", 50_000);

    private static final int SECONDS = Integer.getInteger("flood.seconds", 3);
    /** How long the window's thread may compute between two pulses. */
    private static final long MAX_WORK_MILLIS = 200;
    /** How long there may be no pulse on a machine that may be busy otherwise. */
    private static final long MAX_GAP_MILLIS = 15_000;

    private static final long MAX_HEAP = 200L * 1024 * 1024;

    private FloodServer quiet;

    @BeforeEach
    void toTheTab() throws Exception {
        quiet = new FloodServer(5, 0);
        click("Connect to any server");
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
    }

    @AfterEach
    void closeTheServer() {
        if (quiet != null) quiet.close();
    }

    private void connect(String url) {
        assertTrue(onWindow(() -> server.connect(ServerSettings.of(url))));
        await("an open connection", () -> text("#any-state").equals("OPEN"));
    }

    @SuppressWarnings("unchecked") // the only one there is
    private TableView<LogEvent> table() {
        return (TableView<LogEvent>) node("#any-log");
    }

    private LogEvent row(int place) {
        return onWindow(() -> table().getItems().get(place));
    }

    /** Waits for a line: others, about the connection, may come before and after it. */
    private LogEvent awaitRow(String what, Predicate<LogEvent> wanted) {
        await(what, () -> onWindow(() -> table().getItems().stream().anyMatch(wanted)));
        return onWindow(
                () -> table().getItems().stream().filter(wanted).findFirst().orElseThrow());
    }

    private String detail(String form) {
        return onWindow(() -> ((TextInputControl) node("#any-detail-" + form)).getText());
    }

    private int rows() {
        return onWindow(() -> table().getItems().size());
    }

    private boolean isNewestVisible() {
        return onWindow(() -> {
            VirtualFlow<?> flow = (VirtualFlow<?>) table().lookup(".virtual-flow");
            IndexedCell<?> last = flow.getLastVisibleCell();
            double bottom = last.getBoundsInParent().getMaxY();
            return last.getIndex() == table().getItems().size() - 1
                    && bottom <= flow.getLayoutBounds().getHeight() + 1;
        });
    }

    /**
     * Measures the longest time between two pulses of the window, and how much of it the window's thread computed. Only the
     * latter is the same on a machine that is busy otherwise.
     */
    private static final class Gaps extends AnimationTimer {
        private long lastPulse = System.nanoTime();
        private long lastWork = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        private volatile long longestGap;
        private volatile long mostWork;

        @Override
        public void handle(long now) {
            long at = System.nanoTime();
            long work = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            longestGap = Math.max(longestGap, at - lastPulse);
            mostWork = Math.max(mostWork, work - lastWork);
            lastPulse = at;
            lastWork = work;
        }

        void check(String name) {
            long gap = TimeUnit.NANOSECONDS.toMillis(longestGap);
            long work = TimeUnit.NANOSECONDS.toMillis(mostWork);
            System.out.printf("%s: at most %d ms between two pulses, %d ms of work%n", name, gap, work);
            assertTrue(
                    work <= MAX_WORK_MILLIS, () -> "the window's thread worked for " + work + " ms between two pulses");
            assertTrue(gap <= MAX_GAP_MILLIS, () -> "no pulse for " + gap + " ms");
        }
    }

    private Gaps gaps() {
        return onWindow(() -> {
            Gaps gaps = new Gaps();
            gaps.start();
            return gaps;
        });
    }

    /** What is in use after a collection. What came since does not count: it is garbage soon. */
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }

    @Test
    void aFloodLeavesTheWindowResponsive() throws Exception {
        try (FloodServer flood = new FloodServer(300, RATE)) {
            connect(flood.url());
            await("the flood", () -> flood.sent() > RATE / 2);
            measure(flood);
            long heap = heap();
            System.out.println("flood: heap " + (heap >> 20) + " MiB after a collection");
            assertTrue(heap < MAX_HEAP, () -> "heap of " + heap);
            assertTrue(rows() <= 5_000);
            robot.interact(() -> server.close());
        }
        await("the newest line", this::isNewestVisible);
    }

    private void measure(FloodServer flood) throws InterruptedException {
        long before = flood.sent();
        long begin = System.nanoTime();
        Gaps gaps = gaps();
        Thread.sleep(TimeUnit.SECONDS.toMillis(SECONDS));
        long rate = (long) ((flood.sent() - before) / ((System.nanoTime() - begin) / 1e9));
        robot.interact(gaps::stop);
        gaps.check("flood of " + rate + " messages a second");
    }

    @Test
    void aLargeMessageIsShownInPart() throws Exception {
        try (FloodServer one = new FloodServer(10_000_000, 0)) {
            Gaps gaps = gaps();
            connect(one.url());
            LogEvent large = awaitRow("the message", event -> event.size() == 10_000_000);
            assertEquals(LogEvent.MAX_TEXT + 1, large.text().length());
            robot.interact(() -> table().getSelectionModel().select(large));
            String detail = detail("text");
            assertTrue(detail.endsWith("more characters"), () -> detail.substring(detail.length() - 50));
            robot.interact(() -> {
                gaps.stop();
                server.close();
            });
            gaps.check("10 MB message");
        }
    }

    @Test
    void aLineIsShownInDetailAsTextJsonAndBytes() {
        connect(quiet.url());
        robot.interact(() -> server.send("{\"a\":[1,{\"b\":null}]}"));
        LogEvent sent = awaitRow("it in the table", event -> event.kind().equals("sent"));
        assertEquals(LogEvent.Direction.SENT, sent.direction());
        assertEquals(20, sent.size());
        robot.interact(() -> table().getSelectionModel().select(sent));
        await("the text", () -> detail("text").contains("null"));
        click("JSON");
        TreeView<?> tree = (TreeView<?>) node("#any-detail-json");
        assertEquals("a: [2]", onWindow(() -> tree.getTreeItem(1).getValue()));
        assertEquals("b: null", onWindow(() -> tree.getTreeItem(4).getValue()));
        click("Hex");
        await("the bytes", () -> detail("hex").startsWith("000000  7b 22 61 22"));
    }

    @Test
    void linesAreFilteredByDirectionPausedAndCleared() {
        connect(quiet.url());
        LogEvent received = awaitRow("a message", event -> event.size() == 5);
        @SuppressWarnings("unchecked") // the only one there is
        ChoiceBox<Object> direction = (ChoiceBox<Object>) node("#any-direction");
        robot.interact(() -> direction.getSelectionModel().select(2));
        assertEquals(1, rows());
        assertEquals(received, row(0));
        assertEquals("xxxxx", received.text());
        robot.interact(() -> direction.getSelectionModel().select(0));
        // By now every line about the connection is there.
        awaitRow("the open connection", event -> event.text().equals("OPEN"));
        click("#any-pause");
        int before = rows();
        robot.interact(() -> server.send("later"));
        await("the count of what waits", () -> text("#any-pause").equals("Paused 1"));
        assertEquals(before, rows());
        click("#any-pause");
        await("the line", () -> rows() == before + 1);
        click("#any-clear");
        await("an empty table", () -> rows() == 0);
    }

    @Test
    void theTableFollowsTheNewestLineUntilTheUserLooksBack() {
        connect(quiet.url());
        for (int i = 0; i < 100; i++) onWindow(() -> sendOne());
        await("the newest line", () -> rows() > 100 && isNewestVisible());
        robot.interact(() -> Event.fireEvent(table(), scrollUp()));
        robot.interact(() -> table().scrollTo(0));
        await("no following", () -> onWindow(() -> !((ToggleButton) node("#any-follow")).isSelected()));
        onWindow(() -> sendOne());
        await("one more", () -> rows() > 101);
        assertFalse(isNewestVisible());
        click("#any-follow");
        await("the newest line", this::isNewestVisible);
    }

    private static ScrollEvent scrollUp() {
        return new ScrollEvent(
                ScrollEvent.SCROLL,
                0,
                0,
                0,
                0,
                false,
                false,
                false,
                false,
                false,
                false,
                0,
                40,
                0,
                40,
                ScrollEvent.HorizontalTextScrollUnits.NONE,
                0,
                ScrollEvent.VerticalTextScrollUnits.NONE,
                0,
                0,
                null);
    }

    private boolean sendOne() {
        server.send("line");
        return true;
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import dev.holdfast.sample.model.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;
import org.jspecify.annotations.Nullable;

/**
 * The charts of the last minute: a band of states above three charts of two values each, with a scale for each value
 * beside the plot. The right edge of the plot is the present. Outages, suspensions and handovers are marked through all
 * charts. The titles show the values under the pointer, otherwise the newest ones.
 */
final class Charts extends Drawing {
    private static final double BAND_HEIGHT = 16;
    private static final double TITLE_HEIGHT = 17;
    private static final double TIMES_HEIGHT = 15;
    /** The room on each side of the plots, for the values of their scales: a value over a line would hide it. */
    static final double MARGIN = 46;

    private static final double SHADE = 0.16;
    /** A lighter colour than that of the same state over a WebSocket. */
    private static final double OVER_HTTP = 0.5;

    private static final Font FONT = Font.font(12);
    private static final Font SMALL = Font.font(10.5);

    private final History history;
    /** The pointer's position; negative while it is elsewhere. */
    private double pointer = -1;
    /** The titles of the last drawing, with their values. */
    private final List<String> titles = new ArrayList<>();
    /** The values at the upper edges in the last drawing; empty for a line without values. */
    private final List<String> scales = new ArrayList<>();
    /** When and in which state the sample under the pointer was taken, in the last drawing; empty for none. */
    private String moment = "";

    /**
     * A value as a line.
     *
     * @param shown returns the value in words
     * @param scaled returns a value of the scale in words, which fit beside the plot
     */
    private record Line(
            String name,
            ToDoubleFunction<History.Sample> value,
            DoubleFunction<String> shown,
            DoubleFunction<String> scaled) {}

    /** @param sameScale whether both lines have the same unit, and so the higher of their scales */
    private record Chart(Line first, Line second, boolean sameScale) {}

    private static final List<Chart> CHARTS = List.of(
            new Chart(
                    new Line(
                            "heartbeat round trip",
                            History.Sample::heartbeatMillis,
                            Charts::millis,
                            Charts::millisOfScale),
                    new Line("send to acknowledged", History.Sample::ackMillis, Charts::millis, Charts::millisOfScale),
                    false),
            new Chart(
                    new Line("messages queued", History.Sample::queued, Charts::count, Charts::count),
                    new Line("bytes buffered", History.Sample::bufferedBytes, Charts::bytes, Charts::bytesOfScale),
                    false),
            new Chart(
                    new Line("sent", History.Sample::sentPerSecond, Charts::rate, Charts::rate),
                    new Line("received", History.Sample::receivedPerSecond, Charts::rate, Charts::rate),
                    true));

    Charts(History history) {
        this.history = history;
        setId("charts");
        setAccessibleText("States, round trips, queue and rates of the last minute");
        setOnMouseMoved(event -> pointer = event.getX());
        setOnMouseExited(event -> pointer = -1);
    }

    @Override
    void draw(GraphicsContext context, double width, double height, Theme theme, long nanoTime) {
        context.setFont(FONT);
        context.setTextBaseline(VPos.CENTER);
        List<History.Sample> samples = history.samples();
        Sheet sheet = new Sheet(context, samples, width, theme, nanoTime);
        drawStates(sheet);
        double top = BAND_HEIGHT + 4;
        double each = (height - top - TIMES_HEIGHT) / CHARTS.size();
        History.Sample pointed = pointed(sheet);
        titles.clear();
        scales.clear();
        moment = "";
        for (Chart chart : CHARTS) {
            drawChart(sheet, chart, top, each, pointed);
            top += each;
        }
        if (pointed != null) {
            context.setStroke(theme.text);
            context.setLineWidth(1);
            double x = Math.floor(sheet.x(pointed.nanoTime())) + 0.5;
            context.strokeLine(x, 0, x, height - TIMES_HEIGHT);
        }
        drawTimes(sheet, height - TIMES_HEIGHT / 2, pointed);
    }

    /** Returns the titles that were drawn last, with their values. */
    List<String> titles() {
        return List.copyOf(titles);
    }

    /** Returns the values at the upper edges that were drawn last, of each chart's two lines; empty for a line without values. */
    List<String> scales() {
        return List.copyOf(scales);
    }

    /** Returns what was drawn last about the moment under the pointer; empty for none. */
    String moment() {
        return moment;
    }

    /** Returns the sample under the pointer; null if there is none. */
    private History.@Nullable Sample pointed(Sheet sheet) {
        if (pointer < sheet.left() || pointer > sheet.right()) return null;
        long at = sheet.nanoTime - (long) ((sheet.right() - pointer) / sheet.plotWidth() * History.SPAN_NANOS);
        History.Sample nearest = null;
        for (History.Sample sample : sheet.samples) {
            if (nearest == null || Math.abs(sample.nanoTime() - at) < Math.abs(nearest.nanoTime() - at))
                nearest = sample;
        }
        return nearest;
    }

    private void drawTimes(Sheet sheet, double y, History.@Nullable Sample pointed) {
        GraphicsContext context = sheet.context;
        context.setFont(SMALL);
        context.setFill(sheet.theme.text);
        if (pointed != null) {
            context.setTextAlign(TextAlignment.CENTER);
            String when = String.format(Locale.ROOT, "%.1f s ago", (sheet.nanoTime - pointed.nanoTime()) / 1e9);
            moment = when + ", " + stateAt(pointed.nanoTime());
            context.fillText(moment, sheet.width / 2, y);
            return;
        }
        context.setTextAlign(TextAlignment.LEFT);
        context.fillText("60 s ago", sheet.left(), y);
        context.setTextAlign(TextAlignment.CENTER);
        context.fillText("30 s ago", sheet.width / 2, y);
        context.setTextAlign(TextAlignment.RIGHT);
        context.fillText("now", sheet.right(), y);
    }

    private String stateAt(long nanoTime) {
        for (History.Suspension suspension : history.suspensions()) {
            if (suspension.fromNanoTime() <= nanoTime && nanoTime <= suspension.toNanoTime()) return "suspended";
        }
        History.StateChange found = new History.StateChange(nanoTime, ClientState.IDLE, false);
        for (History.StateChange change : history.states()) {
            if (change.nanoTime() <= nanoTime) found = change;
        }
        return found.toString();
    }

    private void drawStates(Sheet sheet) {
        sheet.context.setFill(sheet.theme.grid);
        sheet.context.fillRect(sheet.left(), 0, sheet.plotWidth(), BAND_HEIGHT);
        shadeStates(sheet, 0, BAND_HEIGHT, true);
    }

    /** Fills the times of states: of all states in full colour, or only of outages in a light one. */
    private void shadeStates(Sheet sheet, double top, double height, boolean full) {
        List<History.StateChange> states = history.states();
        for (int i = 0; i < states.size(); i++) {
            ClientState state = states.get(i).state();
            if (!full && state == ClientState.OPEN) continue;
            double from = Math.max(sheet.left(), sheet.x(states.get(i).nanoTime()));
            double to = i + 1 < states.size() ? sheet.x(states.get(i + 1).nanoTime()) : sheet.right();
            if (to <= sheet.left()) continue;
            Color color = sheet.theme.of(state);
            if (states.get(i).overHttp()) color = color.deriveColor(0, 1, 1, OVER_HTTP);
            sheet.context.setFill(full ? color : color.deriveColor(0, 1, 1, SHADE));
            // A state that lasted almost no time must still be visible.
            sheet.context.fillRect(from, top, Math.max(1, to - from), height);
        }
    }

    private void shadeEvents(Sheet sheet, double top, double height) {
        shadeStates(sheet, top, height, false);
        sheet.context.setFill(sheet.theme.text.deriveColor(0, 1, 1, 2 * SHADE));
        for (History.Suspension suspension : history.suspensions()) {
            double from = Math.max(sheet.left(), sheet.x(suspension.fromNanoTime()));
            sheet.context.fillRect(from, top, Math.max(1, sheet.x(suspension.toNanoTime()) - from), height);
        }
        sheet.context.setStroke(sheet.theme.of(ClientState.RESUMING));
        sheet.context.setLineWidth(1);
        sheet.context.setLineDashes(3, 3);
        for (long handover : history.handovers()) {
            double x = Math.floor(Math.max(sheet.left(), sheet.x(handover))) + 0.5;
            sheet.context.strokeLine(x, top, x, top + height);
        }
        sheet.context.setLineDashes();
    }

    private void drawChart(Sheet sheet, Chart chart, double top, double height, History.@Nullable Sample pointed) {
        double plotTop = top + TITLE_HEIGHT;
        double plotHeight = height - TITLE_HEIGHT - 4;
        if (plotHeight < 4) return;
        GraphicsContext context = sheet.context;
        Theme theme = sheet.theme;
        context.setFill(theme.paper);
        context.fillRect(sheet.left(), plotTop, sheet.plotWidth(), plotHeight);
        shadeEvents(sheet, plotTop, plotHeight);
        context.setStroke(theme.grid);
        context.setLineWidth(1);
        for (int tens = 1; tens < 6; tens++) {
            double x = Math.floor(sheet.left() + sheet.plotWidth() * tens / 6) + 0.5;
            context.strokeLine(x, plotTop, x, plotTop + plotHeight);
        }
        double middle = Math.floor(plotTop + plotHeight / 2) + 0.5;
        context.strokeLine(sheet.left(), middle, sheet.right(), middle);
        double first = scale(sheet.samples, chart.first);
        double second = scale(sheet.samples, chart.second);
        if (chart.sameScale) first = second = Math.max(first, second);
        sheet.line(chart.second, second, plotTop, plotHeight, theme.second);
        sheet.line(chart.first, first, plotTop, plotHeight, theme.first);
        context.setFont(SMALL);
        boolean withZero = plotHeight > 26;
        String firstScale = Double.isNaN(first) ? "" : chart.first.scaled.apply(first);
        String secondScale = Double.isNaN(second) ? "" : chart.second.scaled.apply(second);
        scales.add(firstScale);
        scales.add(secondScale);
        drawScale(sheet, firstScale, plotTop, withZero ? plotHeight : 0, false);
        drawScale(sheet, secondScale, plotTop, withZero ? plotHeight : 0, true);
        context.setStroke(theme.grid);
        context.setLineWidth(1);
        context.strokeRect(
                Math.floor(sheet.left()) + 0.5,
                Math.floor(plotTop) + 0.5,
                Math.floor(sheet.plotWidth()) - 1,
                Math.floor(plotHeight));
        context.setFont(FONT);
        History.Sample sample =
                pointed != null || sheet.samples.isEmpty() ? pointed : sheet.samples.get(sheet.samples.size() - 1);
        double half = sheet.width / 2 - 4;
        context.setTextAlign(TextAlignment.LEFT);
        context.setFill(theme.first);
        String firstTitle = title(chart.first, sample);
        String secondTitle = title(chart.second, sample);
        titles.add(firstTitle);
        titles.add(secondTitle);
        context.fillText(firstTitle, 0, top + TITLE_HEIGHT / 2, half);
        context.setTextAlign(TextAlignment.RIGHT);
        context.setFill(theme.second);
        context.fillText(secondTitle, sheet.width, top + TITLE_HEIGHT / 2, half);
    }

    /**
     * Draws the values of a scale beside the plot: of the first line at the left, of the second at the right.
     *
     * @param highest the value at the upper edge; empty for no scale
     * @param zeroAt how far below the upper edge the zero is; 0 for no room for it
     */
    private static void drawScale(Sheet sheet, String highest, double plotTop, double zeroAt, boolean atRight) {
        if (highest.isEmpty()) return;
        GraphicsContext context = sheet.context;
        context.setTextAlign(atRight ? TextAlignment.LEFT : TextAlignment.RIGHT);
        context.setFill(atRight ? sheet.theme.second : sheet.theme.first);
        double x = atRight ? sheet.right() + 4 : sheet.left() - 4;
        context.fillText(highest, x, plotTop + 5);
        if (zeroAt > 0) context.fillText("0", x, plotTop + zeroAt - 5);
    }

    /**
     * Returns the value at the upper edge: the highest of the line, rounded up to 1, 2 or 5 times a power of ten; NaN if
     * the line has no value.
     */
    private static double scale(List<History.Sample> samples, Line line) {
        double highest = samples.stream()
                .mapToDouble(line.value)
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElse(Double.NaN);
        if (highest < 1) return 1;
        double power = Math.pow(10, Math.floor(Math.log10(highest)));
        for (int step : new int[] {1, 2, 5}) {
            if (highest <= step * power) return step * power;
        }
        return 10 * power;
    }

    private static String title(Line line, History.@Nullable Sample sample) {
        double value = sample == null ? Double.NaN : line.value.applyAsDouble(sample);
        return line.name + " " + (Double.isNaN(value) ? "\u2013" : line.shown.apply(value));
    }

    private static String millis(double value) {
        if (value >= 10_000) return String.format(Locale.ROOT, "%.1f s", value / 1000);
        return String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%.0f ms", value);
    }

    private static String millisOfScale(double value) {
        return value < 1000 ? count(value) + " ms" : count(value / 1000) + " s";
    }

    private static String bytesOfScale(double value) {
        if (value < 1000) return count(value) + " B";
        return value < 1e6 ? count(value / 1000) + " kB" : count(value / 1e6) + " MB";
    }

    private static String count(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String rate(double value) {
        return String.format(Locale.ROOT, "%.0f/s", value);
    }

    private static String bytes(double value) {
        return value < 10_000
                ? String.format(Locale.ROOT, "%.0f B", value)
                : String.format(Locale.ROOT, value < 100_000 ? "%.1f kB" : "%.0f kB", value / 1000);
    }

    /** The values that all charts of one drawing share. */
    private record Sheet(
            GraphicsContext context, List<History.Sample> samples, double width, Theme theme, long nanoTime) {
        /** A line is interrupted where samples are missing for longer than this. */
        private static final long GAP_NANOS = 1_000_000_000L;

        double left() {
            return MARGIN;
        }

        double right() {
            return width - MARGIN;
        }

        double plotWidth() {
            return width - 2 * MARGIN;
        }

        double x(long at) {
            return right() - plotWidth() * (nanoTime - at) / History.SPAN_NANOS;
        }

        void line(Line line, double highest, double top, double height, Color color) {
            context.setStroke(color);
            context.setLineWidth(1.5);
            context.beginPath();
            long before = Long.MIN_VALUE;
            for (History.Sample sample : samples) {
                double value = line.value.applyAsDouble(sample);
                if (Double.isNaN(value)) {
                    before = Long.MIN_VALUE;
                    continue;
                }
                double x = Math.max(left(), x(sample.nanoTime()));
                double y = top + height - 2 - value / highest * (height - 4);
                boolean connected = before != Long.MIN_VALUE && sample.nanoTime() - before < GAP_NANOS;
                if (connected) {
                    context.lineTo(x, y);
                } else {
                    context.moveTo(x, y);
                }
                before = sample.nanoTime();
            }
            context.stroke();
        }
    }
}

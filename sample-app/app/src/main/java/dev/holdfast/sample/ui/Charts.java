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
 * The charts of the last minute: a band of states above three charts of two values each, with a scale for each value.
 * The right edge is the present. Outages, suspensions and handovers are marked through all charts. The titles show the
 * values under the pointer, otherwise the newest ones.
 */
final class Charts extends Drawing {
    private static final double BAND_HEIGHT = 16;
    private static final double TITLE_HEIGHT = 17;
    private static final double TIMES_HEIGHT = 15;
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
    /** When and in which state the sample under the pointer was taken, in the last drawing; empty for none. */
    private String moment = "";

    private record Line(String name, ToDoubleFunction<History.Sample> value, DoubleFunction<String> shown) {}

    private record Chart(Line first, Line second) {}

    private static final List<Chart> CHARTS = List.of(
            new Chart(
                    new Line("heartbeat round trip", History.Sample::heartbeatMillis, Charts::millis),
                    new Line("send to acknowledged", History.Sample::ackMillis, Charts::millis)),
            new Chart(
                    new Line("messages queued", History.Sample::queued, Charts::count),
                    new Line("bytes buffered", History.Sample::bufferedBytes, Charts::bytes)),
            new Chart(
                    new Line("sent", History.Sample::sentPerSecond, Charts::rate),
                    new Line("received", History.Sample::receivedPerSecond, Charts::rate)));

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
        History.Sample pointed = pointed(samples, width, nanoTime);
        titles.clear();
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

    /** Returns what was drawn last about the moment under the pointer; empty for none. */
    String moment() {
        return moment;
    }

    /** Returns the sample under the pointer; null if there is none. */
    private History.@Nullable Sample pointed(List<History.Sample> samples, double width, long nanoTime) {
        if (pointer < 0 || pointer > width) return null;
        long at = nanoTime - (long) ((1 - pointer / width) * History.SPAN_NANOS);
        History.Sample nearest = null;
        for (History.Sample sample : samples) {
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
        context.fillText("60 s ago", 0, y);
        context.setTextAlign(TextAlignment.CENTER);
        context.fillText("30 s ago", sheet.width / 2, y);
        context.setTextAlign(TextAlignment.RIGHT);
        context.fillText("now", sheet.width, y);
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
        sheet.context.fillRect(0, 0, sheet.width, BAND_HEIGHT);
        shadeStates(sheet, 0, BAND_HEIGHT, true);
    }

    /** Fills the times of states: of all states in full colour, or only of outages in a light one. */
    private void shadeStates(Sheet sheet, double top, double height, boolean full) {
        List<History.StateChange> states = history.states();
        for (int i = 0; i < states.size(); i++) {
            ClientState state = states.get(i).state();
            if (!full && state == ClientState.OPEN) continue;
            double from = Math.max(0, sheet.x(states.get(i).nanoTime()));
            double to = i + 1 < states.size() ? sheet.x(states.get(i + 1).nanoTime()) : sheet.width;
            if (to <= 0) continue;
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
            double from = Math.max(0, sheet.x(suspension.fromNanoTime()));
            sheet.context.fillRect(from, top, Math.max(1, sheet.x(suspension.toNanoTime()) - from), height);
        }
        sheet.context.setStroke(sheet.theme.of(ClientState.RESUMING));
        sheet.context.setLineWidth(1);
        sheet.context.setLineDashes(3, 3);
        for (long handover : history.handovers()) {
            double x = Math.floor(sheet.x(handover)) + 0.5;
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
        context.fillRect(0, plotTop, sheet.width, plotHeight);
        shadeEvents(sheet, plotTop, plotHeight);
        context.setStroke(theme.grid);
        context.setLineWidth(1);
        for (int tens = 1; tens < 6; tens++) {
            double x = Math.floor(sheet.width * tens / 6) + 0.5;
            context.strokeLine(x, plotTop, x, plotTop + plotHeight);
        }
        double middle = Math.floor(plotTop + plotHeight / 2) + 0.5;
        context.strokeLine(0, middle, sheet.width, middle);
        double first = scale(sheet.samples, chart.first);
        double second = scale(sheet.samples, chart.second);
        sheet.line(chart.second, second, plotTop, plotHeight, theme.second);
        sheet.line(chart.first, first, plotTop, plotHeight, theme.first);
        context.setFont(SMALL);
        label(sheet, chart.first.shown.apply(first), plotTop + 8, false);
        label(sheet, chart.second.shown.apply(second), plotTop + 8, true);
        if (plotHeight > 34) {
            label(sheet, "0", plotTop + plotHeight - 7, false);
            label(sheet, "0", plotTop + plotHeight - 7, true);
        }
        context.setStroke(theme.grid);
        context.setLineWidth(1);
        context.strokeRect(0.5, Math.floor(plotTop) + 0.5, sheet.width - 1, Math.floor(plotHeight));
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

    /** Draws a value of a scale: of the first line at the left edge, of the second at the right edge. */
    private static void label(Sheet sheet, String text, double y, boolean atRight) {
        // A line behind it must neither cross it out nor go on as a dash between it and the edge: "-0" is another
        // number.
        double width = 6.5 * text.length() + 6;
        sheet.context.setFill(sheet.theme.paper.deriveColor(0, 1, 1, 0.8));
        sheet.context.fillRect(atRight ? sheet.width - width : 0, y - 6, width, 12);
        sheet.context.setTextAlign(atRight ? TextAlignment.RIGHT : TextAlignment.LEFT);
        sheet.context.setFill(atRight ? sheet.theme.second : sheet.theme.first);
        sheet.context.fillText(text, atRight ? sheet.width - 4 : 4, y);
    }

    /** Returns the value at the upper edge: the highest of the line, rounded up to 1, 2 or 5 times a power of ten. */
    private static double scale(List<History.Sample> samples, Line line) {
        double highest = 1;
        for (History.Sample sample : samples) {
            double value = line.value.applyAsDouble(sample);
            if (value > highest) highest = value;
        }
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

        double x(long at) {
            return width * (1 - (nanoTime - at) / (double) History.SPAN_NANOS);
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
                double x = Math.max(0, x(sample.nanoTime()));
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

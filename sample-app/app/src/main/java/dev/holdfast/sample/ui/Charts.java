package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.History;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

/**
 * The charts of the last minute: a band of states above three charts of two values each. The right edge is the present.
 */
final class Charts extends Drawing {
    private static final double BAND_HEIGHT = 16;
    private static final double TITLE_HEIGHT = 16;
    private static final double TIMES_HEIGHT = 14;
    private static final Font FONT = Font.font(11);

    private final History history;

    private record Line(String name, ToDoubleFunction<History.Sample> value, DoubleFunction<String> shown) {}

    private record Chart(Line first, Line second, boolean sharedScale) {}

    private static final List<Chart> CHARTS = List.of(
            new Chart(
                    new Line("heartbeat round trip", History.Sample::heartbeatMillis, Charts::millis),
                    new Line("send to acknowledged", History.Sample::ackMillis, Charts::millis),
                    true),
            new Chart(
                    new Line("queued messages", History.Sample::queued, Charts::count),
                    new Line("bufferedAmount", History.Sample::bufferedBytes, Charts::bytes),
                    false),
            new Chart(
                    new Line("sent a second", History.Sample::sentPerSecond, Charts::count),
                    new Line("received a second", History.Sample::receivedPerSecond, Charts::count),
                    true));

    Charts(History history) {
        this.history = history;
        setId("charts");
        setAccessibleText("States, round trips, queue and rates of the last minute");
    }

    @Override
    void draw(GraphicsContext context, double width, double height, Theme theme, long nanoTime) {
        context.setFont(FONT);
        context.setTextBaseline(VPos.CENTER);
        drawStates(context, width, theme, nanoTime);
        List<History.Sample> samples = history.samples();
        double top = BAND_HEIGHT + 4;
        double each = (height - top - TIMES_HEIGHT) / CHARTS.size();
        for (Chart chart : CHARTS) {
            drawChart(context, chart, samples, top, width, each, theme, nanoTime);
            top += each;
        }
        drawTimes(context, width, height - TIMES_HEIGHT / 2, theme);
    }

    private static void drawTimes(GraphicsContext context, double width, double y, Theme theme) {
        context.setFill(theme.text);
        context.setTextAlign(TextAlignment.LEFT);
        context.fillText("60 s ago", 0, y);
        context.setTextAlign(TextAlignment.CENTER);
        context.fillText("30 s ago", width / 2, y);
        context.setTextAlign(TextAlignment.RIGHT);
        context.fillText("now", width, y);
    }

    private void drawStates(GraphicsContext context, double width, Theme theme, long nanoTime) {
        context.setFill(theme.grid);
        context.fillRect(0, 0, width, BAND_HEIGHT);
        List<History.StateChange> states = history.states();
        for (int i = 0; i < states.size(); i++) {
            double from = Math.max(0, x(states.get(i).nanoTime(), width, nanoTime));
            double to = i + 1 < states.size() ? x(states.get(i + 1).nanoTime(), width, nanoTime) : width;
            if (to <= 0) continue;
            context.setFill(theme.of(states.get(i).state()));
            // A state that lasted almost no time must still be visible.
            context.fillRect(from, 0, Math.max(1, to - from), BAND_HEIGHT);
        }
    }

    private static void drawChart(
            GraphicsContext context,
            Chart chart,
            List<History.Sample> samples,
            double top,
            double width,
            double height,
            Theme theme,
            long nanoTime) {
        double plotTop = top + TITLE_HEIGHT;
        double plotHeight = height - TITLE_HEIGHT - 4;
        if (plotHeight < 4) return;
        context.setFill(theme.paper);
        context.fillRect(0, plotTop, width, plotHeight);
        context.setStroke(theme.grid);
        context.setLineWidth(1);
        for (int tens = 1; tens < 6; tens++) {
            double x = Math.floor(width * tens / 6) + 0.5;
            context.strokeLine(x, plotTop, x, plotTop + plotHeight);
        }
        context.strokeRect(0.5, Math.floor(plotTop) + 0.5, width - 1, Math.floor(plotHeight));
        double first = highest(samples, chart.first);
        double second = highest(samples, chart.second);
        double shared = Math.max(first, second);
        double firstScale = chart.sharedScale ? shared : first;
        double secondScale = chart.sharedScale ? shared : second;
        Plot plot = new Plot(context, samples, plotTop, plotHeight, width, nanoTime);
        plot.area(chart.second, secondScale, theme.second);
        plot.line(chart.first, firstScale, theme.first);
        scale(context, chart, firstScale, secondScale, plotTop, theme);
        title(context, chart, samples, top + TITLE_HEIGHT / 2, width, theme);
    }

    private static double highest(List<History.Sample> samples, Line line) {
        double highest = 1;
        for (History.Sample sample : samples) {
            double value = line.value.applyAsDouble(sample);
            if (value > highest) highest = value;
        }
        return highest;
    }

    /** The area of a chart's values. */
    private record Plot(
            GraphicsContext context,
            List<History.Sample> samples,
            double top,
            double height,
            double width,
            long nanoTime) {
        void line(Line line, double highest, Color color) {
            context.setStroke(color);
            context.setLineWidth(1.5);
            double[] unused = trace(line, highest);
            context.stroke();
        }

        /** Draws a line and fills the area under it in a lighter colour, which stays visible behind another line. */
        void area(Line line, double highest, Color color) {
            line(line, highest, color);
            double[] ends = trace(line, highest);
            double bottom = top + height - 1;
            context.lineTo(ends[1], bottom);
            context.lineTo(ends[0], bottom);
            context.closePath();
            context.setFill(color.deriveColor(0, 1, 1, 0.18));
            context.fill();
        }

        /** Traces a line and returns the positions of its begin and end. */
        private double[] trace(Line line, double highest) {
            context.beginPath();
            double[] ends = {Double.NaN, width};
            for (History.Sample sample : samples) {
                double value = line.value.applyAsDouble(sample);
                if (Double.isNaN(value)) continue;
                double x = Math.max(0, x(sample.nanoTime(), width, nanoTime));
                double y = top + height - 2 - value / highest * (height - 4);
                if (Double.isNaN(ends[0])) {
                    ends[0] = x;
                    context.moveTo(x, y);
                } else {
                    context.lineTo(x, y);
                }
                ends[1] = x;
            }
            return ends;
        }
    }

    /** Draws the value at the upper edge for the first line and, if it has a scale of its own, for the second. */
    private static void scale(
            GraphicsContext context, Chart chart, double first, double second, double top, Theme theme) {
        context.setTextAlign(TextAlignment.LEFT);
        String text = chart.first.shown.apply(first);
        if (!chart.sharedScale) text += ", " + chart.second.shown.apply(second);
        context.setFill(theme.paper);
        context.fillRect(2, top + 2, 6 * text.length() + 4, 13);
        context.setFill(theme.text);
        context.fillText(text, 4, top + 8);
    }

    private static void title(
            GraphicsContext context, Chart chart, List<History.Sample> samples, double y, double width, Theme theme) {
        context.setTextAlign(TextAlignment.LEFT);
        context.setFill(theme.first);
        context.fillText(legend(chart.first, samples), 0, y, width / 2 - 4);
        context.setTextAlign(TextAlignment.RIGHT);
        context.setFill(theme.second);
        context.fillText(legend(chart.second, samples), width, y, width / 2 - 4);
    }

    private static String legend(Line line, List<History.Sample> samples) {
        double value = samples.isEmpty() ? Double.NaN : line.value.applyAsDouble(samples.get(samples.size() - 1));
        return line.name + " " + (Double.isNaN(value) ? "\u2013" : line.shown.apply(value));
    }

    private static double x(long nanoTime, double width, long now) {
        return width * (1 - (now - nanoTime) / (double) History.SPAN_NANOS);
    }

    private static String millis(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%.0f ms", value);
    }

    private static String count(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String bytes(double value) {
        return value < 10_000
                ? String.format(Locale.ROOT, "%.0f B", value)
                : String.format(Locale.ROOT, "%.1f KiB", value / 1024);
    }
}

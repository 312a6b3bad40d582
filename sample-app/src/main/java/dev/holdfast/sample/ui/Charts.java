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

/** The last minute: a band of states and, under it, three charts of two lines each. Now is at the right edge. */
final class Charts extends Drawing {
    private static final double BAND_HEIGHT = 16;
    private static final double TITLE_HEIGHT = 16;
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
    }

    @Override
    void draw(GraphicsContext context, double width, double height, Theme theme, long nanoTime) {
        context.setFont(FONT);
        context.setTextBaseline(VPos.CENTER);
        drawStates(context, width, theme, nanoTime);
        List<History.Sample> samples = history.samples();
        double top = BAND_HEIGHT + 4;
        double each = (height - top) / CHARTS.size();
        for (Chart chart : CHARTS) {
            drawChart(context, chart, samples, top, width, each, theme, nanoTime);
            top += each;
        }
    }

    private void drawStates(GraphicsContext context, double width, Theme theme, long nanoTime) {
        List<History.StateChange> states = history.states();
        for (int i = 0; i < states.size(); i++) {
            double from = Math.max(0, x(states.get(i).nanoTime(), width, nanoTime));
            double to = i + 1 < states.size() ? x(states.get(i + 1).nanoTime(), width, nanoTime) : width;
            if (to <= 0) continue;
            context.setFill(theme.of(states.get(i).state()));
            // What was over in no time is to be seen all the same.
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
        plot(
                context,
                chart.second,
                samples,
                chart.sharedScale ? shared : second,
                theme.second,
                plotTop,
                plotHeight,
                width,
                nanoTime);
        plot(
                context,
                chart.first,
                samples,
                chart.sharedScale ? shared : first,
                theme.first,
                plotTop,
                plotHeight,
                width,
                nanoTime);
        scale(context, chart, chart.sharedScale ? shared : first, chart.sharedScale ? shared : second, plotTop, theme);
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

    private static void plot(
            GraphicsContext context,
            Line line,
            List<History.Sample> samples,
            double highest,
            Color color,
            double top,
            double height,
            double width,
            long nanoTime) {
        context.setStroke(color);
        context.setLineWidth(1.5);
        context.beginPath();
        boolean begun = false;
        for (History.Sample sample : samples) {
            double value = line.value.applyAsDouble(sample);
            if (Double.isNaN(value)) continue;
            double x = Math.max(0, x(sample.nanoTime(), width, nanoTime));
            double y = top + height - 2 - value / highest * (height - 4);
            if (begun) {
                context.lineTo(x, y);
            } else {
                context.moveTo(x, y);
                begun = true;
            }
        }
        if (begun) context.stroke();
    }

    /** What the upper edge stands for, for the first line and, where it has a scale of its own, the second. */
    private static void scale(
            GraphicsContext context, Chart chart, double first, double second, double top, Theme theme) {
        context.setFill(theme.text);
        context.setTextAlign(TextAlignment.LEFT);
        String text = chart.first.shown.apply(first);
        if (!chart.sharedScale) text += ", " + chart.second.shown.apply(second);
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

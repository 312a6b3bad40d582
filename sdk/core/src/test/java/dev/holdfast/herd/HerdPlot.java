package dev.holdfast.herd;

import java.util.Locale;

/** Attempts a second over time, on a logarithmic scale, as SVG. */
final class HerdPlot {
    private static final int LEFT = 76;
    private static final int TOP = 34;
    private static final int WIDTH = 560;
    private static final int HEIGHT = 260;
    private static final int LEGEND = 170;
    private static final double LOWEST = 100;
    private static final double HIGHEST = 1e6;

    private final int seconds;
    private final StringBuilder lines = new StringBuilder();
    private int count;

    HerdPlot(int seconds) {
        this.seconds = seconds;
    }

    HerdPlot line(String name, String colour, Comeback comeback) {
        double[] rates = comeback.buckets(1000);
        StringBuilder points = new StringBuilder();
        for (int second = 0; second < seconds; second++) {
            if (second > 0) points.append(' ');
            points.append(String.format(Locale.ROOT, "%.0f,%.0f", x(second + 0.5), y(rates[second])));
        }
        lines.append(String.format(
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>\n", colour, points));
        int legendY = TOP + 12 + 20 * count++;
        lines.append(String.format(
                "<path stroke=\"%s\" stroke-width=\"3\" d=\"M%d %dh16\"/>\n", colour, LEFT + WIDTH + 12, legendY - 4));
        text(lines, LEFT + WIDTH + 34, legendY, "start", name);
        return this;
    }

    String svg(String title, double capacity) {
        StringBuilder svg = new StringBuilder();
        int width = LEFT + WIDTH + LEGEND + 20;
        int height = TOP + HEIGHT + 40;
        svg.append(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                width, height));
        text(svg, LEFT, 20, "start", title);
        for (double rate = LOWEST; rate <= HIGHEST; rate *= 10) {
            horizontal(svg, rate, "stroke=\"#ddd\"");
            text(svg, LEFT - 6, (int) y(rate) + 4, "end", String.format(Locale.ROOT, "%,.0f", rate));
        }
        for (int second = 0; second <= seconds; second += 10) {
            text(svg, (int) x(second), TOP + HEIGHT + 18, "middle", second + " s");
        }
        horizontal(svg, capacity, "stroke=\"#000\" stroke-dasharray=\"5 4\"");
        svg.append(lines);
        text(svg, LEFT + WIDTH + 12, (int) y(capacity) + 4, "start", "what the server takes");
        return svg.append("</svg>\n").toString();
    }

    private static void horizontal(StringBuilder svg, double rate, String style) {
        svg.append(String.format("<path %s d=\"M%d %dh%d\"/>\n", style, LEFT, (int) y(rate), WIDTH));
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        svg.append(String.format("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, text));
    }

    private double x(double second) {
        return LEFT + WIDTH * second / seconds;
    }

    private static double y(double rate) {
        double share = Math.log10(Math.max(rate, LOWEST) / LOWEST) / Math.log10(HIGHEST / LOWEST);
        return TOP + HEIGHT * (1 - share);
    }
}

package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A report of the measurements as Markdown: all figures, then how Holdfast compares. */
final class Report {
    private final Options options;
    private final Figures figures;

    Report(Options options, Figures figures) {
        this.options = options;
        this.figures = figures;
    }

    String markdown() {
        StringBuilder markdown = new StringBuilder(conditions()).append('\n');
        appendFigures(markdown);
        markdown.append('\n');
        appendRatios(markdown);
        return markdown.toString();
    }

    private String conditions() {
        return String.format(
                Locale.ROOT,
                "Java %s, %s %s, %d processors, loopback; median (min to max) of %d rounds of %d ms.%n",
                System.getProperty("java.version"),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                options.rounds(),
                options.later().measureMillis());
    }

    private void appendFigures(StringBuilder markdown) {
        markdown.append("| case | unit |");
        options.clients()
                .forEach(client -> markdown.append(' ').append(client.title()).append(" |"));
        markdown.append("\n|---|---|")
                .append("---|".repeat(options.clients().size()))
                .append('\n');
        for (Case which : options.cases()) {
            for (Metric metric : Metric.values()) {
                if (options.clients().stream()
                        .allMatch(
                                client -> figures.sorted(client, which, metric).isEmpty())) continue;
                markdown.append("| ")
                        .append(which.title())
                        .append(" | ")
                        .append(metric.unit())
                        .append(" |");
                for (ClientKind client : options.clients()) {
                    markdown.append(' ')
                            .append(cell(figures.sorted(client, which, metric), figures.median(client, which, metric)))
                            .append(" |");
                }
                markdown.append('\n');
            }
        }
    }

    private static String cell(List<Double> sorted, OptionalDouble median) {
        if (median.isEmpty()) return "–";
        return number(median.getAsDouble()) + " (" + number(sorted.get(0)) + " to "
                + number(sorted.get(sorted.size() - 1)) + ")";
    }

    private void appendRatios(StringBuilder markdown) {
        markdown.append("""
            | case | unit | measured | target | limit | ratio to the limit | met |
            |---|---|---|---|---|---|---|
            """);
        for (Target target : Target.ALL) {
            OptionalDouble measured = figures.median(target.client(), target.which(), target.metric());
            Target.Limit limit = target.bound().of(figures, target);
            if (measured.isEmpty() || limit == null) continue;
            // Rounded as printed: one thread more for 250 connections is not a failure.
            double ratio = Math.round(100 * measured.getAsDouble() / limit.value()) / 100.0;
            boolean met = target.metric().moreIsBetter() ? ratio >= 1 : ratio <= 1;
            markdown.append(String.format(
                    Locale.ROOT,
                    "| %s: %s | %s | %s | %s | %s | %.2f | %s |%n",
                    target.client().title(),
                    target.which().title(),
                    target.metric().unit(),
                    number(measured.getAsDouble()),
                    limit.description(),
                    number(limit.value()),
                    ratio,
                    met ? "yes" : "**no**"));
        }
    }

    /** Returns a number with three significant digits. */
    static String number(double value) {
        if (value >= 1e6) return digits(value / 1e6) + " M";
        if (value >= 1e4) return digits(value / 1e3) + " k";
        return digits(value);
    }

    private static String digits(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.sample.demo.DirectionTotals;
import dev.holdfast.sample.model.Totals;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import javafx.css.PseudoClass;
import javafx.geometry.HPos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** A pane with the outcome of all messages, in a row for each direction, and the line that explains what is pointed at. */
final class TotalsPane extends VBox {
    private static final PseudoClass BAD = PseudoClass.getPseudoClass("bad");

    private final GridPane grid = new GridPane();
    private final ExplanationLine explanation;
    private final Map<Label, ToIntFunction<Totals>> values = new LinkedHashMap<>();

    TotalsPane(ExplanationLine explanation) {
        super(2);
        this.explanation = explanation;
        setId("totals");
        getStyleClass().add("totals");
        grid.add(direction("to the server"), 0, 1);
        grid.add(direction("from the server"), 0, 2);
        column(
                "sent",
                "Messages that were sent: by the client above, by the server below",
                DirectionTotals::sent,
                false);
        column("arrived", "Messages that the other side has seen, each counted once", DirectionTotals::arrived, false);
        column(
                "acknowledged",
                "Messages that the other side has handled, and has said so",
                DirectionTotals::acknowledged,
                false);
        column(
                "in doubt",
                "Messages that the client reported as perhaps not arrived, because the server no longer had the session",
                DirectionTotals::inDoubt,
                false);
        column(
                "silently lost",
                "Messages that are missing without a report. Never happens",
                DirectionTotals::silentlyLost,
                true);
        column("duplicated", "Messages that arrived twice. Never happens", DirectionTotals::duplicated, true);
        column(
                "reordered",
                "Messages that arrived behind a later one. Never happens",
                DirectionTotals::reordered,
                true);
        Region gap = new Region();
        gap.setMinWidth(8);
        grid.add(gap, grid.getColumnCount(), 0);
        single(
                "pending",
                "Messages of the client that wait, or whose acknowledgement is still to come",
                Totals::underWay);
        single("sessions lost", "How often the server no longer had the session", Totals::sessionsLost);
        single("reconnects", "How often the client made a new connection", Totals::reconnects);
        for (int i = 0; i < grid.getColumnCount(); i++) {
            ColumnConstraints column = new ColumnConstraints();
            column.setHalignment(i == 0 ? HPos.LEFT : HPos.RIGHT);
            column.setHgrow(Priority.ALWAYS);
            grid.getColumnConstraints().add(column);
        }
        grid.setHgap(6);
        getChildren().addAll(grid, explanation);
    }

    private static Label direction(String name) {
        Label label = new Label(name);
        label.getStyleClass().add("strong");
        label.setMinWidth(USE_PREF_SIZE);
        return label;
    }

    private void column(String name, String meaning, ToIntFunction<DirectionTotals> value, boolean harmful) {
        int column = heading(name, meaning, 0);
        grid.add(figure("to-server-" + name, name, meaning, t -> value.applyAsInt(t.toServer()), harmful), column, 1);
        grid.add(
                figure("from-server-" + name, name, meaning, t -> value.applyAsInt(t.fromServer()), harmful),
                column,
                2);
    }

    private void single(String name, String meaning, ToIntFunction<Totals> value) {
        int column = heading(name, meaning, 0);
        grid.add(figure(name, name, meaning, value, false), column, 1);
    }

    /** Adds the name of a total in the next column, which is returned. */
    private int heading(String name, String meaning, int row) {
        Label heading = new Label(name);
        heading.getStyleClass().add("small");
        heading.setMinWidth(USE_PREF_SIZE);
        explain(heading, name, meaning);
        int column = grid.getColumnCount();
        grid.add(heading, column, row);
        return column;
    }

    private Label figure(String id, String name, String meaning, ToIntFunction<Totals> value, boolean harmful) {
        Label number = new Label("0");
        number.setId("total-" + id.replace(' ', '-'));
        number.getStyleClass().add("figure");
        if (harmful) number.getStyleClass().add("harm");
        explain(number, name, meaning);
        values.put(number, value);
        return number;
    }

    private void explain(Node node, String name, String meaning) {
        Tooltip.install(node, new Tooltip(meaning));
        explanation.explain(node, name + ": " + meaning);
    }

    void refresh(Totals totals) {
        values.forEach((label, value) -> {
            int number = value.applyAsInt(totals);
            label.setText(Integer.toString(number));
            if (label.getStyleClass().contains("harm")) label.pseudoClassStateChanged(BAD, number > 0);
        });
    }
}

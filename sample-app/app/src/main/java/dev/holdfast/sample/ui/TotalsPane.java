package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.Totals;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** A pane with the outcome of all messages. */
final class TotalsPane extends HBox {
    private static final PseudoClass BAD = PseudoClass.getPseudoClass("bad");

    private final Map<Label, ToIntFunction<Totals>> values = new LinkedHashMap<>();
    private final Map<Label, ToIntFunction<Totals>> harm = new LinkedHashMap<>();

    TotalsPane() {
        super(4);
        setId("totals");
        getStyleClass().add("totals");
        add("sent", "By the client", Totals::sent, false);
        add("acknowledged", "Of the client's: the server has handled them", Totals::acknowledged, false);
        add("under way", "Of the client's: not over yet", Totals::underWay, false);
        add("received", "By the client", Totals::received, false);
        add("lost", "Either way, without the client having been told", Totals::lost, true);
        add("duplicated", "Either way", Totals::duplicated, true);
        add("reordered", "Either way", Totals::reordered, true);
        add(
                "told lost",
                "Either way: messages of which the client was told that they may be lost with their session",
                Totals::told,
                false);
        add("sessions lost", "How often the server no longer had the session", Totals::sessionsLost, false);
        add("reconnects", "How often the connection was made again", Totals::reconnects, false);
    }

    private void add(String name, String explanation, ToIntFunction<Totals> value, boolean harmful) {
        Label number = new Label("0");
        number.setId("total-" + name.replace(' ', '-'));
        number.getStyleClass().add("figure");
        if (harmful) number.getStyleClass().add("harm");
        Label label = new Label(name);
        label.setMinWidth(0);
        label.setLabelFor(number);
        label.getStyleClass().add("name");
        VBox box = new VBox(number, label);
        box.setAlignment(Pos.CENTER);
        Tooltip.install(box, new Tooltip(explanation));
        setHgrow(box, Priority.ALWAYS);
        getChildren().add(box);
        values.put(number, value);
        if (harmful) harm.put(number, value);
    }

    void refresh(Totals totals) {
        values.forEach((label, value) -> label.setText(Integer.toString(value.applyAsInt(totals))));
        harm.forEach((label, value) -> label.pseudoClassStateChanged(BAD, value.applyAsInt(totals) > 0));
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.Fault;
import dev.holdfast.sample.model.FaultDesk;
import javafx.scene.control.Button;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** A button for each fault. */
final class FaultPane extends VBox {
    private static final int[] DELAYS = {0, 20, 50, 100, 250, 500, 1000};
    /** From none, which is fast, to slow. */
    private static final int[] THROTTLES = {0, 256, 64, 16, 4, 1};

    FaultPane(Demonstration demonstration) {
        super(6);
        FaultDesk desk = demonstration.faults();
        GridPane grid = new GridPane();
        grid.setHgap(6);
        grid.setVgap(6);
        for (int i = 0; i < 2; i++) {
            ColumnConstraints half = new ColumnConstraints();
            half.setPercentWidth(50);
            grid.getColumnConstraints().add(half);
        }
        int place = 0;
        for (Fault fault : Fault.values()) {
            grid.add(button(desk, fault), place % 2, place / 2);
            place++;
        }
        ToggleButton storm = new ToggleButton("Storm");
        storm.setId("storm");
        storm.getStyleClass().add("storm");
        storm.setTooltip(new Tooltip("All of them at random, until switched off"));
        storm.selectedProperty().bindBidirectional(demonstration.storming());
        storm.setMaxWidth(Double.MAX_VALUE);
        grid.add(storm, place % 2, place / 2);

        VBox all = new VBox(
                6,
                grid,
                new StepSlider(
                        "delay",
                        "How long bytes are on their way",
                        desk.delayMillis(),
                        DELAYS,
                        value -> value == 0 ? "No delay" : "Delay " + value + " ms each way"),
                new StepSlider(
                        "throttle",
                        "How many bytes come through",
                        desk.kilobytesPerSecond(),
                        THROTTLES,
                        value -> value == 0 ? "No throttle" : "Throttle " + value + " KiB/s"));
        ScrollPane scroll = new ScrollPane(all);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        setVgrow(scroll, Priority.ALWAYS);
        getChildren().addAll(ConversationPane.title("Faults"), scroll);
    }

    private static ButtonBase button(FaultDesk desk, Fault fault) {
        ButtonBase button;
        if (fault.isLasting()) {
            ToggleButton toggle = new ToggleButton(fault.label());
            toggle.selectedProperty().bindBidirectional(desk.on(fault));
            button = toggle;
        } else {
            button = new Button(fault.label());
            button.setOnAction(event -> desk.strike(fault));
        }
        button.setId(id(fault));
        button.setTooltip(new Tooltip(fault.explanation()));
        button.setMaxWidth(Double.MAX_VALUE);
        button.setDisable(fault == Fault.SUSPEND && !FaultDesk.canSuspend());
        return button;
    }

    static String id(Fault fault) {
        return "fault-" + fault;
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.FaultDesk;
import java.util.List;
import javafx.beans.value.ChangeListener;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/**
 * A button for each fault, grouped by the part that it affects. Below them is an explanation of the fault under the
 * pointer.
 */
final class FaultPane extends VBox {
    private static final PseudoClass PRESENT = PseudoClass.getPseudoClass("present");
    private static final String STORM = "All of them at random, until switched off";

    private static final int[] DELAYS = {0, 20, 50, 100, 250, 500, 1000};
    /** The rates of the throttle from none, which is fast, to slow. */
    private static final int[] THROTTLES = {0, 256, 64, 16, 4, 1};

    private final FaultDesk desk;
    private final Label explanation = new Label("Point at a fault to read what it does.");

    FaultPane(Demonstration demonstration) {
        super(6);
        desk = demonstration.faults();
        VBox groups = new VBox(
                8,
                group("Connection", List.of(Fault.CUT, Fault.END, Fault.FORGET, Fault.REFUSE)),
                group(
                        "Network",
                        List.of(Fault.BLACK_HOLE_OUT, Fault.BLACK_HOLE_IN, Fault.BLACK_HOLE, Fault.NETWORK_OFF)),
                sliders(),
                group("Server", List.of(Fault.RESTART, Fault.RESTART_WITHOUT_LOG, Fault.DRAIN, Fault.EXPIRE_SESSION)),
                group("Client", List.of(Fault.EXPIRE_CREDENTIAL, Fault.SUSPEND)),
                explanation);
        ScrollPane scroll = new ScrollPane(groups);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFocusTraversable(false);
        setVgrow(scroll, Priority.ALWAYS);
        explanation.setId("fault-explanation");
        explanation.getStyleClass().add("small");
        explanation.setWrapText(true);
        explanation.setAlignment(Pos.TOP_LEFT);
        explanation.setMinHeight(30);
        explanation.setPrefHeight(30);
        getChildren().addAll(head(demonstration), scroll);
    }

    private HBox head(Demonstration demonstration) {
        ToggleButton storm = new ToggleButton("Stor_m");
        storm.setId("storm");
        storm.getStyleClass().add("storm");
        storm.selectedProperty().bindBidirectional(demonstration.storming());
        explain(storm, STORM);
        Region spacer = new Region();
        HBox.setHgrow(spacer, Priority.ALWAYS);
        HBox head = new HBox(8, ConversationPane.title("Faults"), spacer, storm);
        head.setAlignment(Pos.CENTER_LEFT);
        return head;
    }

    private VBox group(String name, List<Fault> faults) {
        Label title = new Label(name);
        title.getStyleClass().add("group");
        GridPane grid = new GridPane();
        grid.setHgap(6);
        grid.setVgap(5);
        for (int i = 0; i < 2; i++) {
            ColumnConstraints half = new ColumnConstraints();
            half.setPercentWidth(50);
            grid.getColumnConstraints().add(half);
        }
        for (int i = 0; i < faults.size(); i++) grid.add(button(faults.get(i)), i % 2, i / 2);
        return new VBox(3, title, grid);
    }

    private ButtonBase button(Fault fault) {
        ButtonBase button;
        if (isSwitch(fault)) {
            ToggleButton toggle = new ToggleButton(fault.label());
            toggle.selectedProperty().bindBidirectional(desk.on(fault));
            button = toggle;
        } else {
            button = new Button(fault.label());
            button.setOnAction(event -> desk.strike(fault));
            desk.on(fault).addListener((changed, was, is) -> button.pseudoClassStateChanged(PRESENT, is));
        }
        button.setId(id(fault));
        button.setMaxWidth(Double.MAX_VALUE);
        button.setDisable(!fault.isPossible());
        explain(button, fault.explanation());
        return button;
    }

    /**
     * Returns whether a fault is switched on and off. Faults of the server are not: a server that stays down serves no
     * purpose, so it comes back by itself.
     */
    private static boolean isSwitch(Fault fault) {
        return !fault.isMoment() && fault.part() != Fault.Part.SERVER;
    }

    private VBox sliders() {
        return new VBox(
                4,
                new StepSlider(
                        "delay",
                        "How long bytes are on their way",
                        desk.delayMillis(),
                        DELAYS,
                        value -> value == 0 ? "No delay" : "Delay " + value + " ms each way"),
                new StepSlider(
                        "throttle",
                        "How many bytes come through",
                        desk.kibibytesPerSecond(),
                        THROTTLES,
                        value -> value == 0 ? "No throttle" : "Throttle " + value + " KiB/s"));
    }

    private void explain(Node node, String sentence) {
        node.setAccessibleHelp(sentence);
        ChangeListener<Boolean> tell = (changed, was, is) -> {
            if (is) explanation.setText(sentence);
        };
        node.hoverProperty().addListener(tell);
        node.focusedProperty().addListener(tell);
    }

    static String id(Fault fault) {
        return "fault-" + fault;
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.FaultDesk;
import java.util.EnumMap;
import java.util.Map;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.Labeled;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/**
 * A button for each fault, grouped by what the fault teaches. In the smallest window all of them fit; they scroll only if the
 * tour takes room as well and the second client's process has been killed.
 */
final class FaultPane extends VBox {
    private static final PseudoClass POINTED = PseudoClass.getPseudoClass("pointed");
    private static final PseudoClass PRESENT = PseudoClass.getPseudoClass("present");
    private static final String STORM =
            "Faults at random until switched off. Sessions are kept, so every message must arrive";
    private static final String LOSING =
            "Storm may also lose the session. The client then reports the messages that may be lost";

    private static final int[] DELAYS = {0, 20, 50, 100, 250, 500, 1000};
    /** The rates of the throttle from none, which is fast, to slow. */
    private static final int[] THROTTLES = {0, 256, 64, 16, 4, 1};

    private static final double SLIDER_LABEL_WIDTH = 122;

    private final FaultDesk desk;
    private final ExplanationLine explanation;
    private final Map<Fault, ButtonBase> buttons = new EnumMap<>(Fault.class);

    FaultPane(Demonstration demonstration, ExplanationLine explanation) {
        super(5);
        this.explanation = explanation;
        getStyleClass().add("faults");
        desk = demonstration.faults();
        VBox groups = new VBox(
                4,
                group("Both ends notice at once", Fault.CUT, Fault.END, Fault.REFUSE, Fault.NETWORK_OFF),
                group(
                        "Silence: only heartbeats notice",
                        Fault.BLACK_HOLE_OUT,
                        Fault.BLACK_HOLE_IN,
                        Fault.BLACK_HOLE,
                        Fault.FORGET),
                group("A proxy blocks WebSockets", Fault.BLOCK_WEB_SOCKETS, Fault.BUFFER),
                group("The server restarts, or moves you", Fault.RESTART, Fault.DRAIN),
                group("The session is lost, and reported", Fault.RESTART_WITHOUT_LOG, Fault.EXPIRE_SESSION),
                group("The client's side", Fault.EXPIRE_CREDENTIAL, Fault.SUSPEND),
                sliders(),
                new KillPane(demonstration.killDesk(), explanation));
        ScrollPane scroll = new ScrollPane(groups);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFocusTraversable(false);
        setVgrow(scroll, Priority.ALWAYS);
        getChildren().addAll(head(demonstration), scroll);
    }

    private HBox head(Demonstration demonstration) {
        ToggleButton storm = new ToggleButton("Stor_m");
        storm.setId("storm");
        storm.getStyleClass().add("storm");
        storm.selectedProperty().bindBidirectional(demonstration.storming());
        explanation.explain(storm, STORM);
        CheckBox losing = new CheckBox("lose the session");
        losing.setId("storm-loses-sessions");
        losing.setAccessibleText("Storm may lose the session");
        losing.selectedProperty().bindBidirectional(demonstration.stormLosesSessions());
        explanation.explain(losing, LOSING);
        for (Labeled labeled : new Labeled[] {storm, losing}) labeled.setMinWidth(USE_PREF_SIZE);
        Region spacer = new Region();
        HBox.setHgrow(spacer, Priority.ALWAYS);
        HBox head = new HBox(6, ConversationPane.title("Faults"), spacer, storm, losing);
        head.setAlignment(Pos.CENTER_LEFT);
        return head;
    }

    private VBox group(String name, Fault... faults) {
        Label title = new Label(name);
        title.getStyleClass().add("group");
        GridPane grid = new GridPane();
        grid.setHgap(6);
        grid.setVgap(3);
        for (int i = 0; i < 2; i++) {
            ColumnConstraints half = new ColumnConstraints();
            half.setPercentWidth(50);
            grid.getColumnConstraints().add(half);
        }
        for (int i = 0; i < faults.length; i++) grid.add(button(faults[i]), i % 2, i / 2);
        return new VBox(2, title, grid);
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
        explanation.explain(button, fault.explanation());
        buttons.put(fault, button);
        return button;
    }

    /** Draws the user's attention to the button of a fault, or no longer. */
    void point(Fault fault, boolean pointed) {
        ButtonBase button = buttons.get(fault);
        if (button != null) button.pseudoClassStateChanged(POINTED, pointed);
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
                        SLIDER_LABEL_WIDTH,
                        desk.delayMillis(),
                        DELAYS,
                        value -> value == 0 ? "No delay" : "Delay " + value + " ms"),
                new StepSlider(
                        "throttle",
                        "How many bytes come through",
                        SLIDER_LABEL_WIDTH,
                        desk.kibibytesPerSecond(),
                        THROTTLES,
                        value -> value == 0 ? "No throttle" : "Throttle " + value + " KiB/s"));
    }

    static String id(Fault fault) {
        return "fault-" + fault;
    }
}

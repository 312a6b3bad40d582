package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Demonstration;
import javafx.beans.property.BooleanProperty;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

/**
 * A tour in three steps for somebody who sees the window for the first time. It goes on when the user has done what it
 * asks for, and can be skipped.
 */
final class Tour extends HBox {
    private enum Step {
        TALK(
                "1 of 3",
                "A client and a server send each other numbered messages. \u2713 is written, \u2713\u2713 acknowledged."),
        REFUSE(
                "2 of 3",
                "Press Refuse, at the right. The connection dies, the ring counts down to the next attempt, and messages"
                        + " wait."),
        ALLOW(
                "3 of 3",
                "Press Refuse again. The client comes back, and everything that waited arrives once and in order."),
        OVER("Done", "Silently lost, duplicated and reordered are still 0. Storm tries many faults at random.");

        private final String name;
        private final String text;

        Step(String name, String text) {
            this.name = name;
            this.text = text;
        }
    }

    private final Demonstration demonstration;
    private final BooleanProperty seen;
    private final Label name = new Label();
    private final Label text = new Label();
    private final Button next = new Button("Next");
    private final Button skip = new Button("Skip the tour");
    private Step step = Step.TALK;

    /** @param seen whether the tour has been taken or skipped; it is hidden then */
    Tour(Demonstration demonstration, BooleanProperty seen) {
        super(10);
        this.demonstration = demonstration;
        this.seen = seen;
        setId("tour");
        getStyleClass().addAll("card", "tour");
        setAlignment(Pos.CENTER_LEFT);
        name.getStyleClass().add("strong");
        name.setMinWidth(USE_PREF_SIZE);
        text.setId("tour-text");
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        setHgrow(text, Priority.ALWAYS);
        text.setMaxWidth(Double.MAX_VALUE);
        next.setId("tour-next");
        next.setMinWidth(USE_PREF_SIZE);
        next.setOnAction(event -> go(Step.REFUSE));
        skip.setId("tour-skip");
        skip.setMinWidth(USE_PREF_SIZE);
        skip.setOnAction(event -> seen.set(true));
        getChildren().addAll(name, text, next, skip);
        managedProperty().bind(visibleProperty());
        visibleProperty().bind(seen.not());
        seen.addListener((changed, was, is) -> go(Step.TALK));
        go(Step.TALK);
    }

    private void go(Step newStep) {
        step = newStep;
        name.setText(newStep.name);
        text.setText(newStep.text);
        next.setVisible(newStep == Step.TALK);
        next.setManaged(newStep == Step.TALK);
        skip.setText(newStep == Step.OVER ? "Close" : "Skip the tour");
    }

    /** Goes on if the user has done what the step asks for. */
    void refresh() {
        if (seen.get()) return;
        ClientState state = demonstration.conversation().state();
        boolean refused = demonstration.faults().on(Fault.REFUSE).get();
        if (refused && step != Step.ALLOW && step != Step.OVER && state == ClientState.WAITING) go(Step.ALLOW);
        if (step == Step.ALLOW && !refused && state == ClientState.OPEN) go(Step.OVER);
    }

    /** Returns whether the user is to press the button that refuses connections. */
    boolean pointsAtRefuse() {
        return !seen.get() && (step == Step.REFUSE || step == Step.ALLOW);
    }
}

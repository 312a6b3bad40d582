package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.sample.model.Conversation;
import dev.holdfast.sample.model.NextAttempt;
import java.util.Locale;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** A pane with the state, the countdown to the next attempt, and the policy's decision and its reason. */
final class PolicyPane extends HBox {
    /** The failure is over: the connection is open again. */
    private static final PseudoClass OVER = PseudoClass.getPseudoClass("over");

    private final Conversation conversation;
    private final CountdownRing ring;
    private final StateLabel state = new StateLabel("state");
    private final Label happened = new Label();
    private final Label decided = new Label();
    private final Tooltip all = new Tooltip();
    private final Button now = new Button("Connect _now");

    PolicyPane(Conversation conversation) {
        super(10);
        this.conversation = conversation;
        ring = new CountdownRing(conversation);
        happened.setId("happened");
        decided.setId("decided");
        happened.setWrapText(true);
        decided.setWrapText(true);
        decided.setMinHeight(USE_PREF_SIZE);
        happened.setTooltip(all);
        all.setWrapText(true);
        all.setMaxWidth(500);
        decided.getStyleClass().add("decided");
        now.setId("connect-now");
        now.setTooltip(new Tooltip("Does not wait for the next attempt's time"));
        now.setOnAction(event -> conversation.connectNow());
        now.setMinWidth(USE_PREF_SIZE);
        HBox first = new HBox(8, state, spacer(), now);
        first.setAlignment(Pos.CENTER_LEFT);
        VBox words = new VBox(2, first, happened, decided);
        setHgrow(words, Priority.ALWAYS);
        getChildren().addAll(ring, words);
        setMinHeight(98);
        setPrefHeight(98);
        setMaxHeight(98);
    }

    private static HBox spacer() {
        HBox spacer = new HBox();
        setHgrow(spacer, Priority.ALWAYS);
        return spacer;
    }

    void refresh(Theme theme, long nanoTime) {
        ClientState current = conversation.state();
        state.show(current, current == ClientState.OPEN && conversation.isOverHttp());
        now.setDisable(current != ClientState.WAITING && current != ClientState.OFFLINE && current != ClientState.IDLE);
        NextAttempt next = conversation.nextAttempt();
        boolean recovered = next != null && current == ClientState.OPEN && next.isRecovered();
        happened.setText(next == null ? "No connection has failed so far. Press Refuse to see one fail." : last(next));
        all.setText(next == null ? "" : next.failure().toString());
        decided.setText(next == null ? "" : decision(next, current, nanoTime));
        for (Label label : new Label[] {happened, decided}) label.pseudoClassStateChanged(OVER, recovered);
        ring.redraw(theme, nanoTime);
    }

    private static String last(NextAttempt next) {
        ConnectionFailure failure = next.failure();
        return (next.isRecovered() ? "Previous failure, " : "Last failure, ") + failure.phase() + ": "
                + failure.message();
    }

    private static String decision(NextAttempt next, ClientState current, long nanoTime) {
        ConnectionFailure failure = next.failure();
        if (current == ClientState.OFFLINE) return "No attempt before there is a network";
        if (current == ClientState.OPEN && next.isRecovered()) {
            return String.format(Locale.ROOT, "Recovered after %.1f s", next.recoveredAfterNanos() / 1e9);
        }
        if (!failure.willRetry()) return "No further attempt: " + failure.reason();
        boolean waiting = current == ClientState.WAITING;
        double seconds =
                waiting ? next.secondsLeft(nanoTime) : failure.retryIn().toMillis() / 1000.0;
        return String.format(
                Locale.ROOT,
                waiting ? "Attempt %d in %.1f s: %s" : "Then attempt %d after %.1f s: %s",
                failure.attempt(),
                seconds,
                failure.reason());
    }
}

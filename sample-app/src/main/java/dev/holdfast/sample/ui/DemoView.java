package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.Demonstration;
import javafx.geometry.Insets;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** The conversation, its charts, the faults, and under them the totals and the events. */
final class DemoView extends VBox {
    private final Demonstration demonstration;
    private final PolicyPane policy;
    private final Charts charts;
    private final TotalsPane totals = new TotalsPane();
    private final LogPane log;

    DemoView(Demonstration demonstration) {
        super(8);
        this.demonstration = demonstration;
        policy = new PolicyPane(demonstration.conversation());
        charts = new Charts(demonstration.conversation().history());
        log = new LogPane("Events", "", demonstration.log());
        ConversationPane conversation = new ConversationPane(demonstration);
        conversation.setPrefWidth(270);
        conversation.setMinWidth(250);
        FaultPane faults = new FaultPane(demonstration);
        faults.setPrefWidth(270);
        faults.setMinWidth(270);
        VBox middle = new VBox(6, policy, new StateLegend(), charts);
        VBox.setVgrow(charts, Priority.ALWAYS);
        HBox.setHgrow(middle, Priority.ALWAYS);
        HBox.setHgrow(conversation, Priority.SOMETIMES);
        conversation.setMaxWidth(420);
        HBox upper = new HBox(10, conversation, middle, faults);
        upper.setMinHeight(0);
        setVgrow(upper, Priority.ALWAYS);
        log.setPrefHeight(150);
        log.setMinHeight(110);
        setPadding(new Insets(8));
        getChildren().addAll(upper, totals, log);
    }

    LogPane log() {
        return log;
    }

    void refresh(Theme theme, long nanoTime) {
        policy.refresh(theme, nanoTime);
        charts.redraw(theme, nanoTime);
        totals.refresh(demonstration.conversation().totals());
    }
}

package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.Demonstration;
import javafx.geometry.Insets;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** The view of the conversation, its charts and the faults, above the totals and the events. */
final class DemoView extends VBox {
    private static final double GAP = 8;

    private final Demonstration demonstration;
    private final PolicyPane policy;
    private final Charts charts;
    private final TotalsPane totals = new TotalsPane();
    private final LogPane log;

    DemoView(Demonstration demonstration) {
        super(GAP);
        this.demonstration = demonstration;
        policy = new PolicyPane(demonstration.conversation());
        charts = new Charts(demonstration.conversation().history());
        log = new LogPane("Events", "", demonstration.log());
        ConversationPane conversation = new ConversationPane(demonstration);
        conversation.setPrefWidth(270);
        conversation.setMinWidth(236);
        conversation.setMaxWidth(420);
        HBox.setHgrow(conversation, Priority.SOMETIMES);
        VBox middle = new VBox(6, policy, new StateLegend(), charts);
        VBox.setVgrow(charts, Priority.ALWAYS);
        // Fixed, so that the widths do not follow the current text of the labels.
        middle.setPrefWidth(300);
        HBox.setHgrow(middle, Priority.ALWAYS);
        HBox upper = new HBox(GAP, card(conversation), card(middle));
        upper.setMinHeight(0);
        setVgrow(upper, Priority.ALWAYS);
        log.setPrefHeight(150);
        log.setMinHeight(116);
        log.setPrefWidth(300);
        VBox left = new VBox(GAP, upper, card(log));
        VBox.setVgrow(upper, Priority.ALWAYS);
        HBox.setHgrow(left, Priority.ALWAYS);
        FaultPane faults = new FaultPane(demonstration);
        faults.setPrefWidth(270);
        faults.setMinWidth(262);
        HBox all = new HBox(GAP, left, card(faults));
        all.setMinHeight(0);
        setVgrow(all, Priority.ALWAYS);
        setPadding(new Insets(GAP));
        getChildren().addAll(all, totals);
    }

    private static Region card(Region content) {
        content.getStyleClass().add("card");
        return content;
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

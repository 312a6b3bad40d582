package dev.holdfast.sample.ui;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Demonstration;
import dev.holdfast.sample.model.WindowSettings;
import javafx.geometry.Insets;
import javafx.geometry.Orientation;
import javafx.scene.control.SplitPane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** The view of the conversation, its charts and the faults, above the totals and the events. */
final class DemoView extends VBox {
    private static final double GAP = 6;

    private final Demonstration demonstration;
    private final Tour tour;
    private final ConversationPane conversation;
    private final PolicyPane policy;
    private final Charts charts;
    private final FaultPane faults;
    private final TotalsPane totals;
    private final LogPane log;

    DemoView(Demonstration demonstration, WindowSettings settings) {
        super(GAP);
        this.demonstration = demonstration;
        tour = new Tour(demonstration, settings.tourSeen());
        policy = new PolicyPane(demonstration.conversation());
        charts = new Charts(demonstration.conversation().history());
        log = new LogPane("Events", "", demonstration.log(), false);
        ExplanationLine explanation = new ExplanationLine();
        faults = new FaultPane(demonstration, explanation);
        totals = new TotalsPane(explanation);
        conversation = new ConversationPane(demonstration);
        conversation.setMinWidth(200);
        VBox middle = new VBox(6, policy, new StateLegend(), charts);
        middle.setMinWidth(320);
        VBox.setVgrow(charts, Priority.ALWAYS);
        SplitPane upper =
                Splits.of(settings, "conversation", 0.4, Orientation.HORIZONTAL, card(conversation), card(middle));
        upper.setMinHeight(180);
        log.setMinHeight(84);
        SplitPane left = Splits.of(settings, "events", 0.74, Orientation.VERTICAL, upper, card(log));
        left.setMinWidth(540);
        faults.setMinWidth(262);
        SplitPane all = Splits.of(settings, "faults", 0.7, Orientation.HORIZONTAL, left, card(faults));
        SplitPane.setResizableWithParent(faults, false);
        setVgrow(all, Priority.ALWAYS);
        setPadding(new Insets(GAP));
        getChildren().addAll(tour, all, totals);
    }

    private static Region card(Region content) {
        content.getStyleClass().add("card");
        return content;
    }

    LogPane log() {
        return log;
    }

    /** Shows what has been logged and said since the last call. The window calls it once per pulse. */
    void flush() {
        log.flush();
        conversation.followNewest();
    }

    void refresh(Theme theme, long nanoTime) {
        policy.refresh(theme, nanoTime);
        charts.redraw(theme, nanoTime);
        totals.refresh(demonstration.conversation().totals());
        tour.refresh();
        faults.point(Fault.REFUSE, tour.pointsAtRefuse());
    }
}

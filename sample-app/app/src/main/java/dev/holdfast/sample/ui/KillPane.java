package dev.holdfast.sample.ui;

import dev.holdfast.sample.demo.SecondClient;
import dev.holdfast.sample.model.KillDesk;
import java.util.function.ToIntFunction;
import javafx.beans.binding.Bindings;
import javafx.beans.binding.BooleanBinding;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.VBox;

/** A button that kills the process of the second client, and what has become of that client's messages. */
final class KillPane extends VBox {
    private static final String KILL =
            "A second client, in a process of its own, is killed while messages wait on its disk. The next process sends them";

    private final KillDesk desk;
    private final ExplanationLine explanation;
    private final FlowPane values = new FlowPane(10, 0);

    KillPane(KillDesk desk, ExplanationLine explanation) {
        super(2);
        this.desk = desk;
        this.explanation = explanation;
        Label title = new Label("The client's process dies");
        title.getStyleClass().add("group");
        Button button = new Button("Kill the process");
        button.setId("kill-process");
        button.setMaxWidth(Double.MAX_VALUE);
        button.setOnAction(event -> desk.kill());
        button.disableProperty().bind(desk.killing().or(impossible()));
        explanation.explain(button, KILL);
        value("killed", "How often the second client's process was killed", SecondClient.Counts::killed);
        value("on disk", "Messages that are stored and have not arrived", SecondClient.Counts::onDisk);
        value("came back", "Messages that the next processes found on the disk", SecondClient.Counts::cameBack);
        value("arrived", "Messages that have arrived at the second client's server", SecondClient.Counts::arrived);
        value("lost", "Messages that are missing. Never happens", SecondClient.Counts::lost);
        value("duplicated", "Messages that arrived twice. Never happens", SecondClient.Counts::duplicated);
        // Before the first kill there is nothing to count, and a small window has no room for zeros.
        values.setId("second-counts");
        values.visibleProperty().bind(desk.counts().map(counts -> counts.killed() > 0));
        values.managedProperty().bind(values.visibleProperty());
        getChildren().addAll(title, button, values);
    }

    private static BooleanBinding impossible() {
        return Bindings.createBooleanBinding(() -> !SecondClient.isPossible());
    }

    private void value(String name, String meaning, ToIntFunction<SecondClient.Counts> count) {
        Label label = new Label();
        label.setId("second-" + name.replace(' ', '-'));
        label.getStyleClass().add("small");
        label.textProperty().bind(desk.counts().map(counts -> name + " " + count.applyAsInt(counts)));
        explanation.explain(label, meaning);
        values.getChildren().add(label);
    }
}

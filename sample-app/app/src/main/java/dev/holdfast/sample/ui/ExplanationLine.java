package dev.holdfast.sample.ui;

import javafx.beans.value.ChangeListener;
import javafx.scene.Node;
import javafx.scene.control.Label;

/**
 * A line at the bottom of the view that explains the control under the pointer, or the one that the keyboard has reached;
 * otherwise it has a sentence about all of them.
 */
final class ExplanationLine extends Label {
    private static final String PROMISE =
            "The promise: silently lost, duplicated and reordered stay 0. Point at a total or a fault to read what it means.";

    ExplanationLine() {
        super(PROMISE);
        setId("explanation");
        getStyleClass().add("small");
    }

    /** Explains a node in a sentence without a full stop. */
    void explain(Node node, String sentence) {
        node.setAccessibleHelp(sentence);
        ChangeListener<Boolean> show = (changed, was, is) -> setText(is ? sentence + "." : PROMISE);
        node.hoverProperty().addListener(show);
        node.focusVisibleProperty().addListener(show);
    }
}

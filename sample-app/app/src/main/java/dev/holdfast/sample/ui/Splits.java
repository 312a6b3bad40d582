package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.WindowSettings;
import javafx.beans.property.DoubleProperty;
import javafx.event.EventTarget;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.control.SplitPane;
import javafx.scene.input.MouseEvent;

/** Makes panes with a divider that the user can move and that stays where it is. */
final class Splits {
    private Splits() {}

    /** @param name the name under which the divider's position is remembered */
    static SplitPane of(
            WindowSettings settings, String name, double position, Orientation orientation, Node first, Node second) {
        SplitPane split = new SplitPane(first, second);
        split.setId("split-" + name);
        split.setOrientation(orientation);
        split.setMinSize(0, 0);
        split.setFocusTraversable(false);
        DoubleProperty remembered = settings.divider(name, position);
        split.setDividerPositions(remembered.get());
        // Only what the user does is remembered: in a window that is too small, dividers move by themselves.
        split.addEventFilter(MouseEvent.MOUSE_RELEASED, event -> {
            if (isDividerOf(split, event.getTarget())) remembered.set(split.getDividerPositions()[0]);
        });
        return split;
    }

    private static boolean isDividerOf(SplitPane split, EventTarget target) {
        Node at = (Node) target;
        while (at != null && !at.getStyleClass().contains("split-pane-divider")) at = at.getParent();
        return at != null && at.getParent() == split;
    }
}

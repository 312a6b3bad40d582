package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import java.util.Locale;
import javafx.scene.control.Label;

/** A state in its colour, which is the style sheet's, since that has the last word. */
final class StateLabel extends Label {
    private String style = "";

    StateLabel(String id) {
        setId(id);
        getStyleClass().add("state");
        show(ClientState.IDLE);
    }

    void show(ClientState state) {
        setText(state.toString());
        String newStyle = "state-" + state.toString().toLowerCase(Locale.ROOT);
        if (newStyle.equals(style)) return;
        getStyleClass().remove(style);
        getStyleClass().add(newStyle);
        style = newStyle;
    }
}

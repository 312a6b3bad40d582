package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import java.util.Locale;
import javafx.scene.control.Label;

/**
 * A label that shows a state in its colour. The colour comes from the style sheet, which overrides colours set in code.
 */
final class StateLabel extends Label {
    private String style = "";

    StateLabel(String id) {
        setId(id);
        getStyleClass().add("state");
        show(ClientState.IDLE);
    }

    void show(ClientState state) {
        show(state, false);
    }

    /** @param overHttp whether plain HTTP carries the session, and not a WebSocket */
    void show(ClientState state, boolean overHttp) {
        setText(overHttp ? state + " over HTTP" : state.toString());
        String newStyle = "state-" + state.toString().toLowerCase(Locale.ROOT);
        if (newStyle.equals(style)) return;
        getStyleClass().remove(style);
        getStyleClass().add(newStyle);
        style = newStyle;
    }
}

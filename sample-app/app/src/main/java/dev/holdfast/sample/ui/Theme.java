package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import javafx.scene.paint.Color;

/** The colours of hand-drawn parts. The colours of the controls are in the style sheet. */
@SuppressWarnings("ImmutableEnumChecker") // colours are immutable but not marked as such
enum Theme {
    LIGHT("#5b6470", "#d5dae0", "#ffffff", "#1b66c9", "#b1480b", "#1a7f4b", "#9a6a00", "#7a4fc4", "#b3261e", "#6b7480"),
    DARK("#aab4c0", "#3b434d", "#1d2126", "#6cb1ff", "#ff9a57", "#56d38f", "#e8b339", "#bb9bff", "#ff7b72", "#8b95a1");

    final Color text;
    final Color grid;
    final Color paper;
    final Color first;
    final Color second;
    private final Color open;
    private final Color waiting;
    private final Color resuming;
    private final Color offline;
    private final Color idle;

    Theme(
            String text,
            String grid,
            String paper,
            String first,
            String second,
            String open,
            String waiting,
            String resuming,
            String offline,
            String idle) {
        this.text = Color.web(text);
        this.grid = Color.web(grid);
        this.paper = Color.web(paper);
        this.first = Color.web(first);
        this.second = Color.web(second);
        this.open = Color.web(open);
        this.waiting = Color.web(waiting);
        this.resuming = Color.web(resuming);
        this.offline = Color.web(offline);
        this.idle = Color.web(idle);
    }

    Color of(ClientState state) {
        return switch (state) {
            case OPEN -> open;
            case CONNECTING -> first;
            case RESUMING -> resuming;
            case WAITING -> waiting;
            case OFFLINE -> offline;
            case IDLE, CLOSING, CLOSED -> idle;
        };
    }
}

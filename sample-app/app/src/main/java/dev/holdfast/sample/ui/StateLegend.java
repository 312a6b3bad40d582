package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import java.util.List;
import java.util.Locale;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;

/** A legend of the states' colours. The colours follow the theme through the style sheet. */
final class StateLegend extends HBox {
    private static final List<ClientState> SHOWN = List.of(
            ClientState.CONNECTING, ClientState.RESUMING, ClientState.OPEN, ClientState.WAITING, ClientState.OFFLINE);

    StateLegend() {
        super(10);
        setAlignment(Pos.CENTER_LEFT);
        for (ClientState state : SHOWN) {
            String name = state.toString().toLowerCase(Locale.ROOT);
            Region swatch = new Region();
            swatch.getStyleClass().addAll("swatch", name);
            Label label = new Label(name, swatch);
            label.getStyleClass().add("small");
            label.setMinWidth(USE_PREF_SIZE);
            label.setGraphicTextGap(3);
            getChildren().add(label);
        }
    }
}

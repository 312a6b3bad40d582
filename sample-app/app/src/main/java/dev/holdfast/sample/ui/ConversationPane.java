package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.ChatLine;
import dev.holdfast.sample.model.Demonstration;
import java.util.List;
import java.util.Locale;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/**
 * A pane with both sides' messages, a mark on each own message, a field to send one, and the rate at which both sides
 * send by themselves.
 */
final class ConversationPane extends VBox {
    private static final PseudoClass OWN = PseudoClass.getPseudoClass("own");
    private static final PseudoClass FAILED = PseudoClass.getPseudoClass("failed");

    private static final double CELL_HEIGHT = 20;
    private static final double RATE_LABEL_WIDTH = 108;

    /** JavaFX may need more than one to come to the end. */
    private static final int FOLLOWING_PULSES = 5;

    /** The rates on the slider, in messages per second. */
    private static final int[] RATES = {0, 1, 2, 5, 10, 50, 100, 500};

    private final ListView<ChatLine> list;
    private final ListEnd end;
    private @Nullable ChatLine followed;
    private double followedHeight;
    /** The pulses for which the list is still to be moved. */
    private int pulsesLeft;

    ConversationPane(Demonstration demonstration) {
        super(6);
        list = new ListView<>(demonstration.conversation().lines()) {
            /** Resizes the list so that no line is cut in half. */
            @Override
            public void resize(double width, double height) {
                super.resize(width, Math.floor(height / CELL_HEIGHT) * CELL_HEIGHT);
            }
        };
        list.setId("conversation");
        list.setCellFactory(view -> new Cell());
        list.setFixedCellSize(CELL_HEIGHT);
        list.setAccessibleText("Conversation");
        setVgrow(list, Priority.ALWAYS);
        end = ListEnd.of(list);

        TextField text = new TextField();
        text.setId("message");
        text.setPromptText("Your message");
        text.setAccessibleText("Your message");
        HBox.setHgrow(text, Priority.ALWAYS);
        Button send = new Button("_Send");
        send.setId("send");
        send.setMinWidth(USE_PREF_SIZE);
        Runnable sending = () -> {
            if (text.getText().isBlank()) return;
            demonstration.conversation().send(text.getText().trim());
            text.clear();
        };
        send.setOnAction(event -> sending.run());
        text.setOnAction(event -> sending.run());
        HBox box = new HBox(6, text, send);
        box.setAlignment(Pos.CENTER_LEFT);

        getChildren()
                .addAll(
                        title("Conversation"),
                        list,
                        box,
                        new StepSlider(
                                "pace",
                                "How many messages each side sends by itself",
                                RATE_LABEL_WIDTH,
                                demonstration.messagesPerSecond(),
                                RATES,
                                rate -> rate == 0 ? "Both are silent" : "Each sends " + rate + "/s"));
    }

    static Label title(String text) {
        Label title = new Label(text);
        title.getStyleClass().add("title");
        return title;
    }

    /**
     * Keeps the list at its end when lines come or its height changes, unless the user is reading it. The window calls it once
     * per pulse.
     */
    void followNewest() {
        List<ChatLine> lines = list.getItems();
        ChatLine newest = lines.isEmpty() ? null : lines.get(lines.size() - 1);
        if (newest != followed || list.getHeight() != followedHeight) {
            followed = newest;
            followedHeight = list.getHeight();
            pulsesLeft = FOLLOWING_PULSES;
        }
        if (pulsesLeft == 0) return;
        pulsesLeft--;
        if (!list.isHover() && !list.isFocused()) end.show();
    }

    private static final class Cell extends ListCell<ChatLine> {
        private final Label number = new Label();
        private final Label text = new Label();
        private final Label mark = new Label();
        private final HBox row = new HBox(6, number, text, mark);

        Cell() {
            number.getStyleClass().add("number");
            mark.getStyleClass().add("mark");
            HBox.setHgrow(text, Priority.ALWAYS);
            text.setMaxWidth(Double.MAX_VALUE);
            text.setMinWidth(0);
            number.setMinWidth(USE_PREF_SIZE);
            mark.setMinWidth(USE_PREF_SIZE);
            row.setAlignment(Pos.CENTER_LEFT);
            getStyleClass().add("chat");
            setPrefWidth(0);
            // Set once and never removed: the style sheet's colours are not found for nodes that were removed from the
            // window.
            setGraphic(row);
        }

        @Override
        protected void updateItem(@Nullable ChatLine line, boolean empty) {
            super.updateItem(line, empty);
            boolean own = line != null && line.isOwn();
            pseudoClassStateChanged(OWN, own);
            pseudoClassStateChanged(FAILED, line != null && !line.detail().isEmpty());
            row.setVisible(line != null);
            if (line == null) {
                setTooltip(null);
                return;
            }
            number.setText((own ? "\u2192 " : "\u2190 ") + line.number());
            text.setText(line.text());
            mark.setText(own ? line.mark().label() + " " + line.mark().sign() : "");
            setTooltip(line.detail().isEmpty() ? null : new Tooltip(line.detail()));
            setAccessibleText((own ? "sent " : "received ") + line.number() + ": " + line.text() + ", "
                    + line.mark().label().toLowerCase(Locale.ROOT));
        }
    }
}

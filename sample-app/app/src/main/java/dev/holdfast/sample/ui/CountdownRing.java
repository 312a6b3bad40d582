package dev.holdfast.sample.ui;

import dev.holdfast.ClientState;
import dev.holdfast.sample.model.Conversation;
import dev.holdfast.sample.model.NextAttempt;
import java.util.Locale;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.shape.ArcType;
import javafx.scene.text.Font;
import javafx.scene.text.FontWeight;
import javafx.scene.text.TextAlignment;

/**
 * The time to the next attempt, as a shrinking ring. While there is no countdown, the ring is full and in the state's
 * colour.
 */
final class CountdownRing extends Drawing {
    private static final double THICKNESS = 7;

    private final Conversation conversation;

    CountdownRing(Conversation conversation) {
        this.conversation = conversation;
        setId("countdown");
        setAccessibleText("Time to the next attempt");
        setPrefSize(72, 72);
        setMinSize(72, 72);
        setMaxSize(72, 72);
    }

    @Override
    void draw(GraphicsContext context, double width, double height, Theme theme, long nanoTime) {
        ClientState state = conversation.state();
        NextAttempt next = conversation.nextAttempt();
        if (state != ClientState.WAITING) next = null;
        double size = Math.min(width, height) - THICKNESS - 2;
        double left = (width - size) / 2;
        double top = (height - size) / 2;
        context.setLineWidth(THICKNESS);
        context.setStroke(next != null ? theme.grid : theme.of(state));
        context.strokeArc(left, top, size, size, 0, 360, ArcType.OPEN);
        if (next == null) return;
        context.setStroke(theme.of(state));
        context.strokeArc(left, top, size, size, 90, 360 * next.shareLeft(nanoTime), ArcType.OPEN);
        context.setFill(theme.text);
        context.setFont(Font.font(null, FontWeight.BOLD, 15));
        context.setTextAlign(TextAlignment.CENTER);
        context.setTextBaseline(VPos.CENTER);
        context.fillText(String.format(Locale.ROOT, "%.1f", next.secondsLeft(nanoTime)), width / 2, height / 2);
    }
}

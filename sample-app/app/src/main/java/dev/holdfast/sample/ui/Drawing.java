package dev.holdfast.sample.ui;

import javafx.scene.AccessibleRole;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.layout.Region;

/** A canvas that fills its region and is redrawn on request. */
abstract class Drawing extends Region {
    private final Canvas canvas = new Canvas();

    Drawing() {
        getChildren().add(canvas);
        setAccessibleRole(AccessibleRole.IMAGE_VIEW);
        setMinSize(0, 0);
    }

    @Override
    protected void layoutChildren() {
        canvas.setWidth(getWidth());
        canvas.setHeight(getHeight());
    }

    /** Draws the current data. */
    final void redraw(Theme theme, long nanoTime) {
        GraphicsContext context = canvas.getGraphicsContext2D();
        // A size that is no whole number of pixels leaves a part of the last column and row as they were.
        context.clearRect(0, 0, canvas.getWidth() + 1, canvas.getHeight() + 1);
        if (canvas.getWidth() > 0 && canvas.getHeight() > 0) {
            draw(context, canvas.getWidth(), canvas.getHeight(), theme, nanoTime);
        }
    }

    abstract void draw(GraphicsContext context, double width, double height, Theme theme, long nanoTime);
}

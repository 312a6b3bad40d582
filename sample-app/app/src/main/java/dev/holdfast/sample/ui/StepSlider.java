package dev.holdfast.sample.ui;

import java.util.function.IntFunction;
import javafx.beans.property.IntegerProperty;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

/** A slider over a few values, with a description of the current value. */
final class StepSlider extends HBox {
    StepSlider(
            String id,
            String explanation,
            double labelWidth,
            IntegerProperty property,
            int[] steps,
            IntFunction<String> words) {
        super(6);
        setAlignment(Pos.CENTER_LEFT);
        Slider slider = new Slider(0, steps.length - 1, stepOf(property.get(), steps));
        slider.setId(id);
        slider.setMajorTickUnit(1);
        slider.setMinorTickCount(0);
        slider.setSnapToTicks(true);
        slider.setBlockIncrement(1);
        slider.setTooltip(new Tooltip(explanation));
        slider.setMinWidth(60);
        slider.setPrefWidth(80);
        setHgrow(slider, Priority.ALWAYS);
        Label label = new Label(words.apply(property.get()));
        label.setMinWidth(labelWidth);
        label.setLabelFor(slider);
        slider.valueProperty()
                .addListener((changed, was, is) -> property.set(steps[(int) Math.round(is.doubleValue())]));
        property.addListener((changed, was, is) -> {
            label.setText(words.apply(is.intValue()));
            int step = stepOf(is.intValue(), steps);
            if (Math.round(slider.getValue()) != step) slider.setValue(step);
        });
        getChildren().addAll(label, slider);
    }

    /** Returns the index of the value among the steps; 0 if it is none of them. */
    private static int stepOf(int value, int[] steps) {
        for (int i = 0; i < steps.length; i++) {
            if (steps[i] == value) return i;
        }
        return 0;
    }
}

package dev.holdfast.sample.android;

import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import org.jspecify.annotations.Nullable;

/** A message in the chat, with what became of it. */
record Line(String text, @Nullable Delivery delivery) {
    static Line received(String text) {
        return new Line(text, null);
    }

    static Line sent(String text, Delivery delivery) {
        return new Line(text, delivery);
    }

    /** Returns the line as the screen shows it. */
    String shown() {
        return delivery == null ? "◂ " + text : "▸ " + text + "  " + mark(delivery);
    }

    private static String mark(Delivery delivery) {
        Outcome outcome = delivery.outcomeNow();
        if (outcome == null) return "…";
        return switch (outcome.kind()) {
            case ACKNOWLEDGED -> "✓";
            case UNKNOWN -> "? may have arrived";
            default -> "✗ " + outcome;
        };
    }
}

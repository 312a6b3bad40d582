package dev.holdfast.sample.demo;

/**
 * The totals of the messages in one direction, counted at both ends. The window, the table and {@code --json} show the
 * same numbers under the same names.
 *
 * @param sent messages that the sender has sent
 * @param arrived messages that the receiver has seen, each counted once
 * @param acknowledged messages that the receiver has handled, as far as the sender knows
 * @param inDoubt messages that the client has reported as perhaps not arrived, together with the loss of their session
 * @param silentlyLost messages that are missing without such a report
 * @param duplicated messages that arrived a second time
 * @param reordered messages that arrived behind a later one
 */
public record DirectionTotals(
        int sent, int arrived, int acknowledged, int inDoubt, int silentlyLost, int duplicated, int reordered) {
    /** The totals before the first message. */
    public static final DirectionTotals NONE = new DirectionTotals(0, 0, 0, 0, 0, 0, 0);

    /** Returns whether every message arrived once and in order, or was reported. */
    public boolean isFaultless() {
        return silentlyLost == 0 && duplicated == 0 && reordered == 0;
    }

    @Override
    public String toString() {
        return "sent " + sent + ", arrived " + arrived + ", acknowledged " + acknowledged + ", in doubt "
                + inDoubt + ", silently lost " + silentlyLost + ", duplicated " + duplicated + ", reordered "
                + reordered;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The same report of several messages: a socket has taken them for the first time, they have ended with the same outcome, or both.
 * One effect for all of them costs less memory than one for each.
 */
final class MessageReports implements Effect {
    /** The places of the first messages, and how many times as many there are when they are full. */
    private static final int GROWTH = 8;

    private final boolean written;
    /** Null if the messages have not ended. */
    private final @Nullable Outcome outcome;

    private final ArrayList<Outbound> messages;
    private int room;
    private long bytes;

    private MessageReports(boolean written, @Nullable Outcome outcome, int expected) {
        this.written = written;
        this.outcome = outcome;
        this.room = Math.min(expected, GROWTH);
        this.messages = new ArrayList<>(room);
    }

    /**
     * Adds the report of a message: to the last effect if that says the same of others, so that the order stays.
     *
     * @param written whether a socket has taken it for the first time
     * @param outcome how it has ended, null if it has not
     * @param expected how many such reports probably come, with this one
     * @param out not performed yet
     */
    static void add(Outbound message, boolean written, @Nullable Outcome outcome, int expected, List<Effect> out) {
        Effect last = out.isEmpty() ? null : out.get(out.size() - 1);
        MessageReports reports = last instanceof MessageReports ? (MessageReports) last : null;
        if (reports == null || reports.written != written || !Objects.equals(reports.outcome, outcome)) {
            reports = new MessageReports(written, outcome, expected);
            out.add(reports);
        }
        reports.add(message, expected);
    }

    /** Makes room for all that are expected only when many have come: those that follow may have another report each. */
    private void add(Outbound message, int expected) {
        if (messages.size() == room) {
            room = Math.min(GROWTH * room, room + expected);
            messages.ensureCapacity(room);
        }
        messages.add(message);
        bytes += message.bytes();
    }

    /** Makes every report. What one of them throws is thrown behind the last one: the machine assumes that all were made. */
    @Override
    public void perform(Effects driver) {
        Outcome end = outcome;
        Throwable thrown = null;
        try {
            // Once for all: senders change the same count, and a change made on another processor is a cache miss.
            if (written) driver.countWritten(messages.size(), bytes);
        } catch (Throwable t) {
            thrown = first(thrown, t);
        }
        for (int i = 0; i < messages.size(); i++) {
            Outbound message = messages.get(i);
            try {
                if (written) driver.written(message);
            } catch (Throwable t) {
                thrown = first(thrown, t);
            }
            try {
                if (end != null) driver.ended(message, end);
            } catch (Throwable t) {
                thrown = first(thrown, t);
            }
        }
        if (thrown != null) throw MessageReports.<RuntimeException>unchecked(thrown);
    }

    private static Throwable first(@Nullable Throwable before, Throwable thrown) {
        if (before == null) return thrown;
        if (before != thrown) before.addSuppressed(thrown);
        return before;
    }

    /** Returns what was thrown, whatever it is: none of the calls declares a checked exception. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E unchecked(Throwable thrown) {
        return (E) thrown;
    }
}

package dev.holdfast.internal.session;

/**
 * The question that a provider of the application has to answer. There is one at a time; an answer to an earlier one is
 * ignored.
 */
final class Question {
    /** The purpose of a question. */
    enum Purpose {
        ATTEMPT,
        HANDOVER,
        RENEWAL
    }

    private static final long NEVER = SessionMachine.NEVER;

    private final long answerNanos;

    /** The question that still counts; 0 for none. */
    private long open;

    private long asked;
    private Purpose purpose = Purpose.ATTEMPT;
    private long due = NEVER;

    /** @param answerNanos the time for an answer */
    Question(long answerNanos) {
        this.answerNanos = answerNanos;
    }

    /** Asks another question. Returns its number. */
    long ask(Purpose next, long now) {
        purpose = next;
        open = ++asked;
        due = now + answerNanos;
        return open;
    }

    boolean isOpen() {
        return open != 0;
    }

    /** Returns whether this is the question that still counts. */
    boolean isOpen(long number) {
        return number == open;
    }

    /** Returns the deadline of the answer, {@link SessionMachine#NEVER} if there is no question. */
    long due() {
        return due;
    }

    /** Extends the deadline to {@code time} at least. */
    void postpone(long time) {
        if (due != NEVER) due = Math.max(due, time);
    }

    /** Ends the question, answered or not. Returns its purpose. */
    Purpose end() {
        open = 0;
        due = NEVER;
        return purpose;
    }

    /** Cancels the question for a handover that will not take place. */
    void handoverDropped() {
        if (isOpen() && purpose == Purpose.HANDOVER) end();
    }

    /** Makes the question for a handover one for an attempt: the candidate is the only connection now. */
    void handoverBecomesAttempt() {
        if (isOpen() && purpose == Purpose.HANDOVER) purpose = Purpose.ATTEMPT;
    }
}

package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Inbound;

/**
 * Gives inbound messages to the application, releases their bytes when it has finished with them, and has the machine look
 * when an acknowledgement may be due.
 */
final class InboundDelivery {
    private final boolean tracksHandled;
    private final boolean manualAcks;
    private final boolean ownThreads;
    private final ClientCallbacks callbacks;
    private final InboundBudget budget;
    /** Above so many bytes, what was delivered is released within the batch. */
    private final long share;

    private final HandledSignal handled;
    private final SerialContext serial;
    private final FlowTask look;

    /**
     * @param tracksHandled whether it matters which messages the application has handled
     * @param manualAcks whether the application says when it has finished with a message, see {@link #onHandled}; otherwise
     *     it has when the callback returns
     * @param ownThreads whether callbacks run on threads of the SDK
     * @param lookAtHandled has the machine look at what was handled; runs on the serial context
     */
    InboundDelivery(
            boolean tracksHandled,
            boolean manualAcks,
            boolean ownThreads,
            ClientCallbacks callbacks,
            InboundBudget budget,
            HandledSignal handled,
            SerialContext serial,
            Runnable lookAtHandled) {
        this.tracksHandled = tracksHandled;
        this.manualAcks = manualAcks;
        this.ownThreads = ownThreads;
        this.callbacks = callbacks;
        this.budget = budget;
        this.share = budget.share();
        this.handled = handled;
        this.serial = serial;
        this.look = () -> {
            handled.reset();
            lookAtHandled.run();
        };
    }

    // ---- in callbacks ----

    /** Calls the listener with the messages of a batch. */
    void deliver(ListenerDispatcher.Batch batch) {
        // A local variable: a field could share a cache line with fields that the reader writes.
        long delivered = 0;
        try {
            for (Inbound message; (message = batch.next()) != null; ) {
                boolean byHand = manualAcks || message.isManual();
                boolean begun = message.begin();
                try {
                    if (begun) callbacks.onMessage(message);
                } finally {
                    if (!(begun ? byHand : manualAcks)) {
                        delivered += InboundBudget.costOf(message);
                        if (isLookDue(message, true)) requestLook();
                    }
                }
                if (delivered > share) {
                    budget.release(delivered);
                    delivered = 0;
                }
            }
        } finally {
            if (delivered > 0) budget.release(delivered);
            if (handled.isLookDue()) requestLook();
        }
    }

    /** Releases the place of a message that the application does not receive. In a callback. */
    void onPassed(Inbound message) {
        budget.release(message);
        if (isLookDue(message, false)) requestLook();
    }

    private void requestLook() {
        if (ownThreads) {
            serial.execute(look);
        } else {
            serial.post(look);
        }
    }

    // ---- on any thread ----

    /** The application has finished with the message. To be called once for each if it acknowledges manually. */
    void onHandled(Inbound message) {
        if (message.release()) budget.release(message);
        if (isLookDue(message, false)) serial.post(look);
    }

    private boolean isLookDue(Inbound message, boolean moreFollow) {
        if (!tracksHandled) return false;
        message.markHandled();
        return handled.add(message.cost(), moreFollow);
    }

    // ---- on the serial context ----

    /** To be called after each event of the machine. */
    void update(boolean ackDue) {
        if (handled.update(ackDue)) serial.execute(look);
    }
}

package dev.holdfast.internal.runtime;

import dev.holdfast.Outcome;
import dev.holdfast.internal.session.Outbound;
import java.util.function.Supplier;

/** Passes on the changes of the outbound queue, which come on the thread that makes them. */
final class QueueEvents implements SharedQueue.Owner {
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final ClientCallbacks callbacks;
    private final Supplier<EventLoop> loop;

    /** @param loop the event loop, which is made after the queue */
    QueueEvents(
            SerialContext serial, ListenerDispatcher dispatcher, ClientCallbacks callbacks, Supplier<EventLoop> loop) {
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.callbacks = callbacks;
        this.loop = loop;
    }

    @Override
    public void onChanged() {
        FlowTask look = () -> loop.get().onQueueChanged();
        serial.post(look);
    }

    @Override
    public void onEnded(Outbound message, Outcome outcome) {
        if (message.endsLater()) {
            // The next process would send it if this one told its end and died.
            FlowTask end = () -> endLater(message, outcome);
            serial.post(end);
        } else {
            end(message, outcome);
        }
    }

    private void endLater(Outbound message, Outcome outcome) {
        if (!loop.get().endWithCommit(message, () -> end(message, outcome))) {
            end(message, message.isStored() ? Outcome.stored() : outcome);
        }
    }

    private void end(Outbound message, Outcome outcome) {
        Runnable rest = callbacks.onEnded(message, outcome);
        // This is a thread of the application's, which its callback executor may not expect.
        if (rest != null) serial.post(() -> dispatcher.postEnd(rest));
    }
}

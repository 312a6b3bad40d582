package dev.holdfast.internal.session;

import dev.holdfast.EndpointProvider;
import dev.holdfast.internal.session.Question.Purpose;

/** The question for the endpoint of the next connection, and the reason for it. */
final class EndpointKeeper {
    final Question question;

    private final boolean supplied;
    private boolean hadOne;

    EndpointKeeper(SessionSettings settings) {
        this.supplied = settings.suppliesEndpoints;
        this.question = new Question(settings.welcomeTimeoutNanos);
    }

    /** Returns whether the application supplies endpoints. */
    boolean isSupplied() {
        return supplied;
    }

    /** Returns the reason to ask for the endpoint of a connection. */
    EndpointProvider.Reason reasonToAsk(boolean refused, Purpose purpose) {
        if (!hadOne) return EndpointProvider.Reason.FIRST;
        if (refused) return EndpointProvider.Reason.REFUSED;
        return purpose == Purpose.HANDOVER ? EndpointProvider.Reason.MOVED : EndpointProvider.Reason.RECONNECT;
    }

    /** Records the answer. Returns the purpose of the question. */
    Purpose answered() {
        hadOne = true;
        return question.end();
    }
}

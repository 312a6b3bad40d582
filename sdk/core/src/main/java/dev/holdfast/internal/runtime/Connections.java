package dev.holdfast.internal.runtime;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import java.util.function.Function;
import java.util.function.LongFunction;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The current connection, and the candidate that is to take over from it. Confined to the serial context. */
final class Connections {
    private final Transport transport;
    private final Function<Attempt, Request> requests;
    private final LongFunction<ConnectionEvents> events;
    private final InboundBudget budget;
    private final Telemetry telemetry;
    private final SerialContext serial;

    private @Nullable Connection current;
    private @Nullable Connection candidate;

    /** @param events returns what receives the events of the connection with a number */
    Connections(
            Transport transport,
            Function<Attempt, Request> requests,
            LongFunction<ConnectionEvents> events,
            InboundBudget budget,
            Telemetry telemetry,
            SerialContext serial) {
        this.transport = transport;
        this.requests = requests;
        this.events = events;
        this.budget = budget;
        this.telemetry = telemetry;
        this.serial = serial;
    }

    /** Returns the current connection; null if there was none yet or it could not be opened. */
    @Nullable
    Connection current() {
        return current;
    }

    /**
     * Returns the current connection.
     *
     * @throws IllegalStateException if there is none
     */
    Connection required() {
        Connection connection = current;
        if (connection == null) throw new IllegalStateException("no connection");
        return connection;
    }

    void openCurrent(Attempt attempt) {
        setCurrent(open(attempt));
    }

    void openCandidate(Attempt attempt) {
        candidate = open(attempt);
    }

    private @Nullable Connection open(Attempt attempt) {
        serial.checkConfined();
        ConnectionEvents receiver = events.apply(attempt.connection());
        try {
            Request request = requests.apply(attempt);
            telemetry.attempt(attempt.connection(), request.url().host());
            return transport.open(request, receiver);
        } catch (Throwable e) {
            // The network was not reached: the application's event listener factory threw, or OkHttp is too old.
            receiver.onFailed(TransportException.thrown(Phase.UPGRADE, e));
            return null;
        }
    }

    /** Makes the candidate the current connection. */
    void promoteCandidate() {
        Connection promoted = candidate;
        candidate = null;
        setCurrent(promoted);
    }

    private void setCurrent(@Nullable Connection connection) {
        serial.checkConfined();
        current = connection;
        budget.readFrom(connection);
    }

    void dropCandidate() {
        if (candidate != null) candidate.cancel();
        candidate = null;
    }

    void cancelCurrent() {
        if (current != null) current.cancel();
    }
}

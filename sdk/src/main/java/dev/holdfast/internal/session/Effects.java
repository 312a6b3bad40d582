package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that a {@link SessionMachine} can ask for. Performed in order, on the session's serial context. */
public interface Effects {
    /** Open connection number {@code connection}. Every event of it bears the number. */
    void openConnection(long connection);

    /** The first envelope of a resumable session; {@code sid} and {@code key} null for a new one. */
    void sendOpen(@Nullable String sid, @Nullable String key, @Nullable String last);

    void sendMessage(Outbound message);

    void sendAck(String last);

    void sendBye();

    void sendPing(long nonce);

    /** Begin the closing handshake of the current connection. */
    void closeConnection(int code, String reason);

    /** Let the current connection go at once. */
    void cancelConnection();

    /** To the application. When it is done with it, {@link SessionMachine#onHandled} is due. */
    void deliver(Inbound message);

    /** The message is in a socket for the first time. */
    void written(Outbound message);

    /** The message's delivery is over. */
    void ended(Outbound message, Outcome outcome);

    /**
     * A refusal, to be told in the stream's order.
     *
     * @param place its place in the stream, for {@link SessionMachine#onHandled} when it has been told
     */
    void rejected(Outbound message, Outcome outcome, Inbound place);

    void stateChanged(ClientState state);

    void connectionFailed(Loss loss, Decision decision);

    /** The server lost the session; the outcome of {@code unknown} is not known, and each has ended so already. */
    void sessionLost(String reason, List<Outbound> unknown);

    void roundTripTime(long nanos);

    /** Nothing comes after this. */
    void closed(CloseReason reason);
}

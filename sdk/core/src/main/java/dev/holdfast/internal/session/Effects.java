package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Outcome;
import java.util.List;

/** All that a {@link SessionMachine} can ask for. Performed in order, on the session's serial context. */
public interface Effects {
    /** Open the connection that is the current one from now on. */
    void openConnection(Attempt attempt);

    /** Open another beside it. */
    void openCandidate(Attempt attempt);

    /** The candidate is the current connection now. The one before is not heard any more; it has been told to close. */
    void promoteCandidate();

    /** Let the candidate go at once. */
    void dropCandidate();

    /** Ask the application's supplier. {@link SessionMachine#onCredential} is due, with the number. */
    void askCredential(long question, CredentialProvider.Reason reason);

    /** A fresh credential for the current connection. */
    void sendAuth(String auth);

    /** The first envelope of a resumable session. Without one, what {@code last} calls for. */
    void sendOpen(Open open);

    void sendMessage(Outbound message);

    /** Several in one frame. */
    void sendBatch(List<Outbound> messages);

    void sendAck(String last);

    void sendBye();

    void sendPing(long nonce);

    /** Begin the closing handshake of the current connection. */
    void closeConnection(int code, String reason);

    /** Let the current connection go at once. */
    void cancelConnection();

    /** To the application. When it is done with it, {@link SessionMachine#onHandled} is due. */
    void deliver(Inbound message);

    /** Reports that a session start message is about to be sent; it counts as buffered. */
    void sessionStartSent(Outbound message);

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

    /** The server lost the session. */
    void sessionLost(LostSession session);

    /** A resumable session is open: a new one, or resumed with so many messages replayed. */
    void sessionOpened(boolean resumed, long replayed);

    /** What the server sent was there already, and is dropped. */
    void duplicateDropped();

    void roundTripTime(long nanos);

    /** Answers {@link SessionMachine#reconnect} if no other connection could be opened. The current one goes on. */
    void reconnectFailed(Loss loss);

    /** The server answers pings and has not acknowledged the oldest message for so long. */
    void ackOverdue(Outbound oldest, long ageNanos);

    /** Nothing comes after this. */
    void closed(CloseReason reason);
}

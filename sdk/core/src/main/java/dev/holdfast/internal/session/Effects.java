package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Outcome;
import java.util.List;

/** The operations that a {@link SessionMachine} can ask for. Performed in order, on the session's serial context. */
public interface Effects {
    /** Opens the connection that is the current one from now on. */
    void openConnection(Attempt attempt);

    /** Opens another connection beside the current one. */
    void openCandidate(Attempt attempt);

    /**
     * Makes the candidate the current connection. The previous one has been asked to close, and its events are
     * ignored.
     */
    void promoteCandidate();

    /** Drops the candidate at once. */
    void dropCandidate();

    /** Asks the credential provider. {@link SessionMachine#onCredential} must follow, with the question's number. */
    void askCredential(long question, CredentialProvider.Reason reason);

    /** Asks the endpoint provider. {@link SessionMachine#onEndpoint} must follow, with the question's number. */
    void askEndpoint(long question, EndpointProvider.Reason reason);

    /** Sends a fresh credential on the current connection. */
    void sendAuth(String auth);

    /** Sends the first envelope of a session, or without one the message that {@code last} calls for. */
    void sendOpen(Open open);

    void sendMessage(Outbound message);

    /** Sends several messages in one frame. */
    void sendBatch(List<Outbound> messages);

    void sendAck(String last);

    void sendBye();

    /** Sends the protocol's answer to a control message of the server. */
    void sendControl(Packet reply);

    void sendPing(long nonce);

    /** Begins the closing handshake of the current connection. */
    void closeConnection(int code, String reason);

    /** Drops the current connection at once. */
    void cancelConnection();

    /**
     * Delivers a message to the application. When it has handled the message, {@link SessionMachine#onHandled} must
     * follow.
     */
    void deliver(Inbound message);

    /**
     * Releases the bytes of a delivered message that the application has not acknowledged: its subscription has ended.
     *
     * @param cost as {@link Inbound#cost}
     */
    void abandoned(long cost);

    /** Reports that a session start message is about to be sent; it counts as buffered. */
    void sessionStartSent(Outbound message);

    /** Counts messages that a socket has taken for the first time, before {@link #written} reports each of them. */
    void countWritten(int messages, long bytes);

    /** Reports that a socket has taken the message for the first time. */
    void written(Outbound message);

    /** Ends the delivery of a message. */
    void ended(Outbound message, Outcome outcome);

    /**
     * Reports a rejection, in the order of the stream.
     *
     * @param place its place in the stream, for {@link SessionMachine#onHandled} after the report
     */
    void rejected(Outbound message, Outcome outcome, Inbound place);

    void stateChanged(ClientState state);

    void connectionFailed(Loss loss, Decision decision);

    /** Reports that the server lost the session. */
    void sessionLost(LostSession session);

    /** Reports that a session is open: a new one, or a resumed one with so many messages replayed. */
    void sessionOpened(boolean resumed, long replayed);

    /** Reports that an entry of the server's stream was a duplicate and is dropped. */
    void duplicateDropped();

    void roundTripTime(long nanos);

    /** Reports that {@link SessionMachine#reconnect} could not open another connection. The current one continues. */
    void reconnectFailed(Loss loss);

    /** Reports that the server answers pings but has not acknowledged the oldest message for so long. */
    void ackOverdue(Outbound oldest, long ageNanos);

    /** Reports the end of the client. No other effect follows. */
    void closed(CloseReason reason);
}

package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes down what a machine asks for, in words. */
public class RecordingEffects implements Effects {
    private final List<String> recorded = new ArrayList<>();
    private final List<Outbound> sent = new ArrayList<>();
    private final List<Inbound> delivered = new ArrayList<>();

    /** Everything since the last call. */
    public List<String> take() {
        List<String> all = new ArrayList<>(recorded);
        recorded.clear();
        return all;
    }

    /** Every message that was sent, ever. */
    public List<Outbound> sent() {
        return sent;
    }

    public Inbound delivered(int index) {
        return delivered.get(index);
    }

    public Inbound lastDelivered() {
        return delivered.get(delivered.size() - 1);
    }

    @Override
    public void openConnection(Attempt attempt) {
        recorded.add("connect " + told(attempt));
    }

    private static String told(Attempt attempt) {
        return attempt.connection()
                + (attempt.endpoint() == 0 ? "" : " endpoint " + attempt.endpoint())
                + (attempt.supplied() == null ? "" : " to " + attempt.supplied())
                + (attempt.url() == null ? "" : " " + attempt.url())
                + (attempt.credential() == null
                        ? ""
                        : " as " + attempt.credential().value());
    }

    @Override
    public void openCandidate(Attempt attempt) {
        recorded.add("candidate " + told(attempt));
    }

    @Override
    public void promoteCandidate() {
        recorded.add("promote");
    }

    @Override
    public void dropCandidate() {
        recorded.add("drop candidate");
    }

    @Override
    public void askCredential(long question, CredentialProvider.Reason reason) {
        recorded.add("ask " + question + " " + reason);
    }

    @Override
    public void askEndpoint(long question, EndpointProvider.Reason reason) {
        recorded.add("ask endpoint " + question + " " + reason);
    }

    @Override
    public void sendAuth(String auth) {
        recorded.add("auth " + auth);
    }

    /** How the session was last opened. */
    String opened;

    /** The session that was lost last. */
    LostSession lost;

    @Override
    public void sessionOpened(boolean resumed, long replayed) {
        opened = resumed ? "resumed, " + replayed + " replayed" : "new";
    }

    @Override
    public void sendOpen(Open open) {
        recorded.add(
                "open " + open.sid + " " + open.key + " " + open.last + (open.auth == null ? "" : " " + open.auth));
    }

    @Override
    public void sendBatch(List<Outbound> messages) {
        sent.addAll(messages);
        recorded.add(
                "send " + messages.stream().map(message -> "" + message.seq()).collect(Collectors.joining("+")));
    }

    @Override
    public void sendMessage(Outbound message) {
        sent.add(message);
        recorded.add("send " + message.seq());
    }

    @Override
    public void sendAck(String last) {
        recorded.add("ack " + last);
    }

    @Override
    public void sessionStartSent(Outbound message) {
        recorded.add("start " + message.payload().text());
    }

    @Override
    public void sendBye() {
        recorded.add("bye");
    }

    @Override
    public void sendControl(Packet reply) {
        recorded.add("control " + reply.text());
    }

    @Override
    public void sendPing(long nonce) {
        recorded.add("ping " + nonce);
    }

    @Override
    public void closeConnection(int code, String reason) {
        recorded.add("close " + code + " " + reason);
    }

    @Override
    public void cancelConnection() {
        recorded.add("cancel");
    }

    @Override
    public void deliver(Inbound message) {
        delivered.add(message);
        Payload payload = message.payload();
        String content = payload.kind() == Payload.Kind.BINARY ? payload.bytes().hex() : payload.text();
        recorded.add("deliver " + message.id() + " " + payload.kind() + " " + content);
    }

    /** The messages and bytes that were counted as written and are not reported yet. */
    private int counted;

    private long countedBytes;

    @Override
    public void countWritten(int messages, long bytes) {
        assertEquals(0, counted, "counted and not reported");
        assertEquals(0, countedBytes, "bytes counted and not reported");
        counted = messages;
        countedBytes = bytes;
    }

    @Override
    public void written(Outbound message) {
        assertTrue(counted > 0, "reported and not counted");
        counted--;
        countedBytes -= message.bytes();
        recorded.add("written " + message.seq());
    }

    @Override
    public void ended(Outbound message, Outcome outcome) {
        recorded.add("ended " + message.payload().text() + " " + outcome.kind());
    }

    @Override
    public void rejected(Outbound message, Outcome outcome, Inbound place) {
        delivered.add(place);
        recorded.add("rejected " + message.payload().text() + " " + outcome);
    }

    @Override
    public void stateChanged(ClientState state) {
        recorded.add(state.toString());
    }

    @Override
    public void connectionFailed(Loss loss, Decision decision) {
        recorded.add("failed " + loss.phase() + " " + loss.message() + ", "
                + (decision.isRetry() ? "retry in " + decision.delayNanos() : "stop: " + decision.reason())
                + (loss.suspect() == null
                        ? ""
                        : ", suspect " + loss.suspect().payload().text()));
    }

    @Override
    public void sessionLost(LostSession session) {
        lost = session;
        recorded.add("lost " + session.reason + " " + session.unknown.size());
    }

    @Override
    public void abandoned(long cost) {
        recorded.add("abandoned " + cost);
    }

    @Override
    public void duplicateDropped() {
        recorded.add("duplicate");
    }

    @Override
    public void roundTripTime(long nanos) {
        recorded.add("rtt " + nanos);
    }

    @Override
    public void reconnectFailed(Loss loss) {
        recorded.add("reconnect failed " + loss.message());
    }

    @Override
    public void ackOverdue(Outbound oldest, long ageNanos) {
        recorded.add("overdue " + oldest.payload().text() + " " + ageNanos);
    }

    @Override
    public void closed(CloseReason reason) {
        recorded.add("closed " + reason);
    }
}

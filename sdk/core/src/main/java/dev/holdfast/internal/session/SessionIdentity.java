package dev.holdfast.internal.session;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The identity of the session, for {@link SessionStream}: its id and key, whether another process began it, and what a
 * welcome says about it.
 *
 * <p>Not thread-safe.
 */
final class SessionIdentity {
    /**
     * The reasons of a server that knows a session and does not resume it. With any other reason it does not know the
     * session.
     */
    private static final List<String> REASONS_OF_KNOWN =
            Collections.unmodifiableList(Arrays.asList("expired", "trimmed", "epoch"));

    private static final String MAYBE_SENT = "earlier process may have sent it after its snapshot was taken";

    private final SessionSettings settings;
    private final Outbox outbox;
    private final Inbox inbox;

    private @Nullable String sid;
    private @Nullable String key;

    /** Whether another process began the session, and the server has not said whether it knows it. */
    private boolean restored;
    /** Whether another process began the session. */
    private boolean fromSnapshot;
    /** Why a session was lost that the application has not been told of; null for none. */
    private @Nullable String unreportedLoss;

    private boolean lossTaken = true;
    /** Whether the client has ended the session. */
    private boolean over;
    /** Whether the server of the current connection must not get the session's id and key. */
    private boolean secretsWithheld;
    /** The first envelope of the current connection; null once it was sent. */
    private @Nullable Open open;

    SessionIdentity(SessionSettings settings, Outbox outbox, Inbox inbox) {
        this.settings = settings;
        this.outbox = outbox;
        this.inbox = inbox;
    }

    /** Returns the session's id, null before the first session, and if the session has none. */
    @Nullable
    String sid() {
        return sid;
    }

    /** Returns whether there is a session, and the server has said that it knows it. */
    boolean isKnownToServer() {
        return sid != null && !restored;
    }

    /** Returns whether another process began the session. */
    boolean isFromSnapshot() {
        return fromSnapshot;
    }

    /** Returns what another process needs to continue the session, null if there is none. */
    @Nullable
    Snapshot snapshot() {
        String mySid = sid;
        String myKey = key;
        String position = inbox.position();
        if (mySid == null || myKey == null || position == null) return null;
        return new Snapshot(
                mySid,
                myKey,
                position,
                inbox.hasHandled(),
                outbox.sent().highestSeq() + 1,
                outbox.sent().unacknowledged(),
                outbox.startMessages().sent());
    }

    /** Records that the client ends the session on the server. */
    void over() {
        over = true;
    }

    /** Returns what a store keeps of the session. */
    SessionState state() {
        boolean resumable = settings.resumable && sid != null && !over;
        String position = resumable || !settings.resumable ? inbox.position() : null;
        return new SessionState(
                resumable ? sid : null,
                resumable ? key : null,
                position,
                inbox.hasHandled(),
                outbox.sent().highestSeq() + 1,
                unreportedLoss);
    }

    /** Takes over the loss of a session that another process has not reported. */
    void restoreLoss(String reason) {
        unreportedLoss = reason;
        lossTaken = false;
    }

    /** Returns why a session was lost, the first time after the loss; null for none. */
    @Nullable
    String takeLoss() {
        String reason = lossTaken ? null : unreportedLoss;
        lossTaken = true;
        return reason;
    }

    /** Records that the application has been told of the loss that {@link #takeLoss} returned. */
    void lossReported() {
        if (lossTaken) unreportedLoss = null;
    }

    /** Takes over the session of another process. */
    void restore(SessionState state, List<Outbound> unacknowledged, Map<String, Payload> startMessages) {
        sid = state.sid;
        key = state.key;
        restored = true;
        fromSnapshot = true;
        inbox.restore(state.position, state.handled);
        outbox.startMessages().restore(startMessages);
        outbox.sent().restore(unacknowledged, state.nextSeq);
    }

    /**
     * Prepares the first envelope of a connection.
     *
     * @param withheld whether the server must not get secrets
     * @param auth the credential, null for none
     */
    void prepareOpen(boolean withheld, @Nullable String auth) {
        secretsWithheld = withheld;
        open = withheld
                ? new Open(null, null, null, null)
                : new Open(sid, key, sid == null ? null : inbox.lastReceived(), auth);
    }

    /** Returns the first envelope of the connection, null if it was taken before. */
    @Nullable
    Open takeOpen() {
        Open taken = open;
        open = null;
        return taken;
    }

    // ---- the welcome ----

    /** Returns what is wrong with a welcome, null if nothing is. */
    @Nullable
    String faultOf(Welcome welcome) {
        // A restored process does not know of everything that was sent.
        if (welcome.handled > outbox.sent().highestSeq() && !restored) {
            return "welcome with c " + welcome.handled + ", never sent";
        }
        if (!welcome.resumed) return null;
        String named = secretsWithheld ? null : sid;
        if (named == null) return "resumed what was never begun";
        if (!named.equals(welcome.sid)) return "welcome resumes another session";
        String last = inbox.lastReceived();
        // Messages in between would be skipped silently.
        if (welcome.last != null && !welcome.last.equals(last)) {
            return "welcome continues after " + welcome.last + ", not after " + last;
        }
        return null;
    }

    /**
     * Returns whether a welcome that resumes nothing speaks of this session when it speaks of handled messages. A
     * server that did not get the session's id, or does not know it, cannot.
     */
    private boolean isOfNamedSession(Welcome welcome) {
        boolean named = sid != null && !secretsWithheld;
        return named && welcome.reason != null && REASONS_OF_KNOWN.contains(welcome.reason);
    }

    /**
     * Decides the fate of the messages that waited when a snapshot was taken, which may have been sent since. Only a
     * server that still has the session and has handled no message unknown to the snapshot proves that none was sent.
     *
     * @return the messages that may have been sent, ended
     */
    private List<Outbound> settleRestored(Welcome welcome, List<Effect> out) {
        if (!restored) return Collections.emptyList();
        if (!welcome.resumed) return outbox.endRestored("session lost, and an " + MAYBE_SENT, out);
        long known = outbox.sent().highestSeq();
        if (welcome.handled > known) {
            String more =
                    "the server has had messages up to " + welcome.handled + " and the snapshot knows of " + known;
            return outbox.endRestored(more + ": an " + MAYBE_SENT, out);
        }
        outbox.proveRestored();
        return Collections.emptyList();
    }

    /** Continues the session that the server has resumed, or begins the one that it has begun. */
    void accept(Welcome welcome, long now, List<Effect> out) {
        // After its snapshot, the earlier process may have received the rejection of a message.
        long acknowledgedIfLost = restored || !isOfNamedSession(welcome) ? 0 : welcome.handled;
        List<Outbound> sentBefore = settleRestored(welcome, out);
        if (restored && welcome.resumed) outbox.sent().skipTo(welcome.handled);
        boolean had = sid != null && !"".equals(key);
        sid = welcome.sid;
        key = welcome.key;
        outbox.setWindow(welcome.maxUnacked, welcome.maxBytes, welcome.maxMessage);
        outbox.batch(settings.batchWindowNanos < 0 ? 0 : welcome.batch, settings.batchWindowNanos);
        if (restored && welcome.resumed) outbox.startMessages().restoredSession();
        restored = false;
        fromSnapshot &= welcome.resumed;
        if (welcome.resumed) {
            outbox.resume(welcome.handled, out);
            inbox.resumed(now);
        } else {
            List<Outbound> unknown = outbox.lose(acknowledgedIfLost, out);
            unknown.addAll(sentBefore);
            inbox.begin(welcome.last);
            outbox.newSession();
            String reason = welcome.reason == null ? "unknown" : welcome.reason;
            if (had) lost(new LostSession(reason, unknown, Collections.emptyList(), 0), out);
        }
    }

    /** Returns whether the server lost its last writes, so that the streams no longer match. */
    boolean isRolledBack(Welcome welcome) {
        return welcome.resumed && welcome.handled < outbox.sent().acknowledgedSeq();
    }

    /** Ends the session after a rollback. Returns what happened. */
    String endRolledBack(Welcome welcome, List<Effect> out) {
        long handled = welcome.handled;
        long before = outbox.sent().acknowledgedSeq();
        List<Outbound> inDoubt = outbox.sent().acknowledgedBeyond(handled);
        // The replay will not come, and it may have contained a rejection of a handled message.
        List<Outbound> unknown = outbox.lose(0, out);
        if (restored) unknown.addAll(outbox.endRestored("the server lost its last writes, and an " + MAYBE_SENT, out));
        sid = null;
        key = null;
        restored = false;
        fromSnapshot = false;
        lost(new LostSession(LostSession.ROLLED_BACK, unknown, inDoubt, before - handled), out);
        return "server dealt with seq " + before + " and now knows of " + handled + " only";
    }

    /** Drops the position that the server refused. Returns false if it refused none, see {@link Inbox#dropPosition}. */
    boolean dropPosition(boolean refusesRequest, List<Effect> out) {
        if (!inbox.dropPosition(refusesRequest)) return false;
        lost(new LostSession(LostSession.STALE, Collections.emptyList(), Collections.emptyList(), 0), out);
        return true;
    }

    private void lost(LostSession session, List<Effect> out) {
        restoreLoss(session.reason);
        out.add(driver -> driver.sessionLost(session));
    }
}

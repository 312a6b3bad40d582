package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The effect of one connection's envelopes on its session. Used in the connection's own lane until it has a session,
 * and in that session's lane from then on.
 */
final class SessionProtocol {
    private static final int BYE_TIMEOUT_SECONDS = 5;
    private static final int SID_BYTES = 16;

    private final ServerContext context;
    private final ServerConnection connection;
    private final Outbox outbox;
    private final @Nullable JsonNode bearer;
    private final AckCoalescer acks;

    private boolean opening;
    // The fence of the session, and whether the client is known to have its newest key.
    private long fence;
    private boolean keyConfirmed;
    private volatile @Nullable ServerSession session;
    private volatile boolean resumed;

    SessionProtocol(ServerContext context, ServerConnection connection, Outbox outbox, @Nullable JsonNode bearer) {
        this.context = context;
        this.connection = connection;
        this.outbox = outbox;
        this.bearer = bearer;
        this.acks =
                new AckCoalescer(context.options.ackEvery(), context.options.ackDelay(), context.timer, this::sendAck);
    }

    @Nullable
    ServerSession session() {
        return session;
    }

    /** Returns whether the connection continues a session of an earlier one. */
    boolean hasResumed() {
        return resumed;
    }

    /**
     * Applies one message.
     *
     * @param bound the session that the connection had when the message arrived
     */
    void receive(@Nullable ServerSession bound, Frame frame) {
        if (connection.isDeaf() || (bound != null && !bound.isAttached(connection))) {
            return;
        }
        try {
            ClientEnvelope envelope = Envelopes.parse(frame);
            if (bound == null) {
                first(envelope);
            } else {
                confirmKey(bound);
                next(bound, envelope);
            }
        } catch (ProtocolException e) {
            context.protocolErrors.increment();
            connection.fail(CloseCodes.PROTOCOL_ERROR, e.code(), e.told());
        } catch (Throwable e) {
            // Of any kind: a message that was not handled must not be followed by one that is.
            failInternally(e);
        }
    }

    /**
     * Closes the connection after an exception from the application or the store. What they were given is not handled,
     * so the client may send it again.
     */
    void failInternally(Throwable failure) {
        try {
            context.failed(failure);
        } finally {
            connection.fail(CloseCodes.INTERNAL_ERROR, "internal", "the server failed");
        }
    }

    private void confirmKey(ServerSession current) {
        if (!keyConfirmed) {
            current.confirmKey(fence);
            keyConfirmed = true;
        }
    }

    private void first(ClientEnvelope envelope) throws ProtocolException {
        if (opening) {
            throw new ProtocolException("not-open", "nothing may follow open before welcome");
        }
        if (!(envelope instanceof ClientEnvelope.Open open)) {
            throw new ProtocolException("not-open", "the first message must be open");
        }
        opening = true;
        connection.stopWaitingForOpen();
        Authenticator.Outcome outcome =
                context.options.authenticator().authenticate(open.auth() == null ? bearer : open.auth());
        if (outcome instanceof Authenticator.Unauthenticated refused) {
            connection.fail(CloseCodes.UNAUTHENTICATED, refused.code(), refused.message());
        } else if (outcome instanceof Authenticator.Forbidden refused) {
            connection.fail(CloseCodes.FORBIDDEN, refused.code(), refused.message());
        } else if (outcome instanceof Authenticator.User user) {
            connection.credential().shown(user.expires());
            open(open, user.name());
        }
    }

    private void open(ClientEnvelope.Open open, String user) {
        if (open.sid() == null) {
            create(user, "new", 0);
            return;
        }
        ServerSession known = context.store.find(open.sid());
        if (known == null) {
            create(user, "unknown", 0);
        } else {
            // Queued behind what the session is still handling: only then is its progress known.
            inLane(known, () -> resume(known, open, user));
        }
    }

    private void resume(ServerSession known, ClientEnvelope.Open open, String user) {
        if (connection.isDeaf() || connection.isClosed()) {
            return;
        }
        String key = open.key();
        if (key == null) {
            create(user, "unknown", 0);
            return;
        }
        if (known.isLate(connection, user, ResumeKeys.hash(key))) {
            // Otherwise the client would lose the connection on which it has resumed meanwhile.
            connection.shut(CloseCodes.NO_OPEN, "open came late");
            return;
        }
        String nextKey = ResumeKeys.newKey(context.options.random());
        ServerSession.Admission admission =
                known.attach(connection, user, ResumeKeys.hash(key), ResumeKeys.hash(nextKey), open.last());
        if (admission == null) {
            // The store has dropped it meanwhile, and loads it again.
            open(open, user);
            return;
        }
        ServerConnection fenced = admission.fenced();
        if (fenced != null) {
            fenced.takenOver();
        }
        if (admission.claim() instanceof SessionState.Claim.Granted granted) {
            context.resumed.increment();
            resumed = true;
            welcome(known, granted, new Welcome(known.sid(), nextKey, null, open.last(), granted.handledSeq()));
        } else if (admission.claim() instanceof SessionState.Claim.Refused refused) {
            context.store.retire(known);
            create(user, refused.reason(), refused.acknowledgeableSeq());
        } else {
            create(user, "unknown", 0);
        }
    }

    private void inLane(ServerSession of, Runnable task) {
        of.lane().execute(context.workers, () -> {
            try {
                task.run();
            } catch (Throwable e) {
                failInternally(e);
            }
        });
    }

    /** Creates a new session. {@code handledSeq} is what is known of the session that it replaces. */
    private void create(String user, String reason, long handledSeq) {
        if (connection.isDeaf() || connection.isClosed()) {
            return;
        }
        String key = ResumeKeys.newKey(context.options.random());
        String keyHash = ResumeKeys.hash(key);
        ServerSession created = context.store.create(new SessionStore.NewSession(
                newSid(), user, keyHash, context.options.ttl(), context.options.logLimit()));
        context.created.increment();
        inLane(created, () -> {
            context.options.onSession().accept(created);
            ServerSession.Admission admission = created.attach(connection, user, keyHash, keyHash, null);
            if (admission != null && admission.claim() instanceof SessionState.Claim.Granted granted) {
                keyConfirmed = true;
                welcome(created, granted, new Welcome(created.sid(), key, reason, granted.position(), handledSeq));
            } else {
                // The application ended it, or sent more than its log can hold, before the client received any of it.
                failInternally(new IllegalStateException("session " + created.sid() + " ended before it was welcomed"));
            }
        });
    }

    private String newSid() {
        byte[] bytes = new byte[SID_BYTES];
        context.options.random().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private void welcome(ServerSession attached, SessionState.Claim.Granted granted, Welcome welcome) {
        fence = granted.fence();
        session = attached;
        outbox.start(Envelopes.welcome(welcome, context.options), attached.log(), granted.position(), granted.end());
        if (connection.isClosed() || connection.isDeaf()) {
            // The connection ended before it had a session, so nobody has detached it.
            attached.detach(connection);
        }
    }

    private void next(ServerSession current, ClientEnvelope envelope) throws ProtocolException {
        if (envelope instanceof ClientEnvelope.Message message) {
            take(current, message);
        } else if (envelope instanceof ClientEnvelope.Batch batch) {
            for (ClientEnvelope.Message message : batch.messages()) {
                if (!take(current, message)) {
                    return;
                }
            }
        } else if (envelope instanceof ClientEnvelope.Ack ack) {
            acknowledge(current, ack.last());
        } else if (envelope instanceof ClientEnvelope.Auth auth) {
            outbox.answer(answer(current, auth));
        } else if (envelope instanceof ClientEnvelope.Bye) {
            end(current);
        } else {
            throw new ProtocolException("already-open", "open is only for the first message");
        }
    }

    /**
     * Returns false if the client is sent away for sending too fast, or if another connection has taken the session.
     */
    private boolean take(ServerSession current, ClientEnvelope.Message message) throws ProtocolException {
        return mayCome(current) && apply(current, message);
    }

    private boolean mayCome(ServerSession current) {
        RateLimit limit = context.options.rateLimit();
        if (limit == null) {
            return true;
        }
        long now = System.nanoTime();
        TokenBucket bucket = current.bucket(limit, now);
        boolean may = bucket.take(now);
        if (!may) {
            connection.sendAway(bucket.untilFull());
        }
        return may;
    }

    private void acknowledge(ServerSession current, String position) throws ProtocolException {
        SessionState.Acknowledged acknowledged =
                outbox.hasSent(position) ? current.acknowledged(fence, position) : SessionState.Acknowledged.FOREIGN;
        switch (acknowledged) {
            case FOREIGN -> throw new ProtocolException("ack", "acknowledges what was never sent");
            case FENCED -> lost(current, "session unknown");
            default -> outbox.acknowledged(position);
        }
    }

    private boolean apply(ServerSession current, ClientEnvelope.Message message) throws ProtocolException {
        long handled = current.handledSeq();
        if (message.seq() <= handled) {
            context.duplicates.increment();
            acks.owe(0);
            return true;
        }
        if (message.seq() != handled + 1) {
            throw new ProtocolException("gap", "seq " + message.seq() + " after " + handled);
        }
        HandlerResult result =
                context.options.handler().handle(current, message.seq(), message.payload(), message.idempotencyKey());
        if (!current.handled(fence, message.seq(), result)) {
            lost(current, "session unknown");
            return false;
        }
        context.handled.increment();
        acks.owe(message.size());
        return true;
    }

    private String answer(ServerSession current, ClientEnvelope.Auth auth) {
        Authenticator.Outcome outcome = context.options.authenticator().authenticate(auth.auth());
        if (outcome instanceof Authenticator.Unauthenticated refused) {
            return Envelopes.authRefused(refused.code(), refused.message());
        }
        if (outcome instanceof Authenticator.Forbidden refused) {
            return Envelopes.authRefused(refused.code(), refused.message());
        }
        Authenticator.User user = (Authenticator.User) outcome;
        if (!current.user().equals(user.name())) {
            return Envelopes.authRefused("other-user", "the session is another user's");
        }
        connection.credential().shown(user.expires());
        return Envelopes.authAccepted();
    }

    private void end(ServerSession current) {
        outbox.endStream();
        if (!current.end(fence, "unknown")) {
            lost(current, "session unknown");
            return;
        }
        context.store.forget(current);
        acks.flush();
        // The client sends the close. If it does not, the server stops waiting for it.
        var unused = context.timer.schedule(
                () -> connection.shut(CloseCodes.NORMAL, "bye"), BYE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Closes the connection, because the client's next messages are gone from the log. Does nothing if the reason is
     * that the session has ended anyway.
     */
    void onHistoryGone() {
        ServerSession current = session;
        if (current == null || !current.isAttached(connection)) {
            return;
        }
        lost(current, "history trimmed");
    }

    /**
     * Closes the connection, because the session does not take what came over it: another server has the session, whose
     * word of that has not come yet, or the store no longer knows it.
     */
    private void lost(ServerSession current, String reason) {
        if (current.isNewest(fence)) {
            connection.shut(CloseCodes.GOING_AWAY, reason);
        } else {
            connection.takenOver();
        }
    }

    void flushAcks() {
        acks.flush();
    }

    private void sendAck() {
        ServerSession current = session;
        if (current != null) {
            // In this order, because the rejection's id is written before the seq that it belongs to.
            long handled = current.handledSeq();
            outbox.ack(handled, current.lastRejectionId());
        }
    }
}

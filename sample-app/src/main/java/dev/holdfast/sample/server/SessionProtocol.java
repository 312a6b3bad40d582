package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the envelopes of one connection do to its session. Used in the connection's own lane until it has a session, and in
 * that session's lane from then on.
 */
final class SessionProtocol {
    private static final int BYE_TIMEOUT_SECONDS = 5;

    private final ServerContext context;
    private final ServerConnection connection;
    private final Outbox outbox;
    private final @Nullable JsonNode bearer;
    private final AckCoalescer acks;

    private boolean opening;
    private volatile @Nullable ServerSession session;

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
                bound.keys().confirm();
                next(bound, envelope);
            }
        } catch (ProtocolException e) {
            context.protocolErrors.increment();
            connection.fail(CloseCodes.PROTOCOL_ERROR, e.code(), e.told());
        } catch (RuntimeException e) {
            failInternally();
        }
    }

    /** The application threw: what it was given is not handled, and the client may bring it again. */
    private void failInternally() {
        connection.fail(CloseCodes.INTERNAL_ERROR, "internal", "the application failed");
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
        Authenticator.Outcome outcome = context.options.auth().authenticate(open.auth() == null ? bearer : open.auth());
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
            // Behind whatever the session is still handling: only then is it known how far it came.
            known.lane().execute(() -> resume(known, open, user));
        }
    }

    private void resume(ServerSession known, ClientEnvelope.Open open, String user) {
        if (connection.isDeaf() || connection.isClosed()) {
            return;
        }
        String key = open.key();
        if (key == null || !known.keys().accept(key) || !known.user().equals(user)) {
            create(user, "unknown", 0);
            return;
        }
        ServerSession.Admission admission = known.attach(connection, open.last(), context.store.nanoTime());
        ServerConnection fenced = admission.fenced();
        if (fenced != null) {
            fenced.shut(CloseCodes.TAKEN_OVER, "taken over by a newer connection");
        }
        if (admission instanceof ServerSession.Admission.Granted granted) {
            context.resumed.increment();
            welcome(
                    known,
                    new Welcome(known.sid(), known.keys().follow(key), null, granted.position(), known.handledSeq()));
        } else if (admission instanceof ServerSession.Admission.Refused refused) {
            context.store.retire(known);
            create(user, refused.reason(), known.acknowledgeableSeq());
        }
    }

    /** Makes a new session; {@code handledSeq} is what is known of the one that it stands in for. */
    private void create(String user, String reason, long handledSeq) {
        if (connection.isDeaf() || connection.isClosed()) {
            return;
        }
        ServerSession created = context.store.create(user, context.options);
        String beginning = created.log().lastId();
        context.created.increment();
        created.lane().execute(() -> {
            try {
                context.onSession.accept(created);
            } catch (RuntimeException e) {
                failInternally();
                return;
            }
            if (created.attach(connection, beginning, context.store.nanoTime())
                    instanceof ServerSession.Admission.Refused) {
                // The application ended it, or sent more than its log can hold, before the client had any of it.
                failInternally();
                return;
            }
            welcome(created, new Welcome(created.sid(), created.keys().first(), reason, beginning, handledSeq));
        });
    }

    private void welcome(ServerSession attached, Welcome welcome) {
        session = attached;
        outbox.start(Envelopes.welcome(welcome, context.options), attached.log(), welcome.last());
        if (connection.isClosed() || connection.isDeaf()) {
            // It ended before it had a session, so nobody has detached it.
            detach();
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
            if (!outbox.hasSent(ack.last())) {
                throw new ProtocolException("ack", "acknowledges what was never sent");
            }
            current.acknowledged(ack.last());
            outbox.acknowledged(ack.last());
        } else if (envelope instanceof ClientEnvelope.Auth auth) {
            outbox.answer(answer(current, auth));
        } else if (envelope instanceof ClientEnvelope.Bye) {
            end(current);
        } else {
            throw new ProtocolException("already-open", "open is only for the first message");
        }
    }

    /** Returns false where the client is sent away for its haste. */
    private boolean take(ServerSession current, ClientEnvelope.Message message) throws ProtocolException {
        TokenBucket bucket = current.bucket();
        if (bucket != null && !bucket.take(context.store.nanoTime())) {
            connection.sendAway(bucket.untilFull());
            return false;
        }
        apply(current, message);
        return true;
    }

    private void apply(ServerSession current, ClientEnvelope.Message message) throws ProtocolException {
        long handled = current.handledSeq();
        if (message.seq() <= handled) {
            context.duplicates.increment();
            acks.owe(0);
            return;
        }
        if (message.seq() != handled + 1) {
            throw new ProtocolException("gap", "seq " + message.seq() + " after " + handled);
        }
        HandlerResult result =
                context.handler.handle(current, message.seq(), message.payload(), message.idempotencyKey());
        current.handled(message.seq(), result);
        context.handled.increment();
        acks.owe(message.size());
    }

    private String answer(ServerSession current, ClientEnvelope.Auth auth) {
        Authenticator.Outcome outcome = context.options.auth().authenticate(auth.auth());
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
        current.end("unknown");
        context.store.forget(current);
        acks.flush();
        // The close is the client's to send; one that forgets it is not waited for.
        var unused = context.timer.schedule(
                () -> connection.shut(CloseCodes.NORMAL, "bye"), BYE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** What the client needs next is gone from the log, unless that is because the session has ended anyway. */
    void onHistoryGone() {
        ServerSession current = session;
        if (current != null && current.isAttached(connection)) {
            connection.shut(CloseCodes.GOING_AWAY, "history trimmed");
        }
    }

    void flushAcks() {
        acks.flush();
    }

    private void sendAck() {
        ServerSession current = session;
        if (current != null) {
            // In this order: the rejection's id is written before the seq that it belongs to.
            long handled = current.handledSeq();
            outbox.ack(handled, current.lastRejectionId());
        }
    }

    /** The connection is no longer the session's. */
    void detach() {
        ServerSession current = session;
        if (current != null) {
            current.detach(connection, context.store.nanoTime());
        }
    }
}

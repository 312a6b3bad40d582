package dev.holdfast.internal.session;

import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.internal.session.Question.Purpose;
import dev.holdfast.internal.settings.Nanos;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The newest credential, the time of its renewal, and the question for the next one. */
final class CredentialKeeper {
    private static final long NEVER = SessionMachine.NEVER;

    /** The divisor of a credential's life that gives the part left when it is renewed. */
    private static final int RENEWAL_MARGIN = 10;

    /** The minimum time between a credential's arrival and its renewal, however short its life is. */
    private static final long MIN_RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long MIN_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final boolean supplied;
    private final boolean renews;
    final Question question;

    private @Nullable Credential credential;
    /** The expiry by the credential's own life. */
    private long expires = NEVER;
    /** The expiry that the server announced. It calls for no renewal by itself: see {@link UnaskedRenewals}. */
    private long expiresByServer = NEVER;

    private long obtainedAt;
    /** The time at which the credential's own life calls for another. */
    private long renewalDue = NEVER;

    /** Made when the server first announces an expiry: most never do. */
    private @Nullable UnaskedRenewals unasked;

    CredentialKeeper(SessionSettings settings) {
        this.supplied = settings.credentials;
        // Without a resumable session, a new credential would cost a reconnect that loses messages.
        this.renews = settings.resumable;
        this.question = new Question(settings.welcomeTimeoutNanos);
    }

    /** Returns whether the newest credential's life, as far as it is known, has ended. */
    boolean isExpired(long now) {
        return end() != NEVER && now >= end();
    }

    private long end() {
        return Math.min(expires, expiresByServer);
    }

    /** Returns the newest credential, null before the first. */
    @Nullable
    Credential credential() {
        return credential;
    }

    /** Returns the credential's value for {@code open}, null if the handshake carries it or there is none. */
    @Nullable
    String auth() {
        return credential != null && credential.place() == Credential.Place.OPEN ? credential.value() : null;
    }

    /** Returns whether the application supplies credentials. */
    boolean isSupplied() {
        return supplied;
    }

    // ---- the question ----

    /** Returns the reason to ask for another credential for an attempt, null if none is needed. */
    CredentialProvider.@Nullable Reason reasonToAsk(boolean refused, long now) {
        if (!supplied) return null;
        if (credential == null) return CredentialProvider.Reason.FIRST;
        if (refused) return CredentialProvider.Reason.REFUSED;
        boolean good = end() != NEVER && now < end() - margin(credential);
        return good ? null : CredentialProvider.Reason.RECONNECT;
    }

    private static long margin(Credential credential) {
        return Nanos.lifetime(credential) / RENEWAL_MARGIN;
    }

    /** Takes the answer. Returns the purpose of the question. */
    Purpose answered(Credential answer, long now) {
        credential = answer;
        obtainedAt = now;
        long lifetime = Nanos.lifetime(answer);
        expires = lifetime == NEVER ? NEVER : now + lifetime;
        expiresByServer = NEVER;
        renewalDue = NEVER;
        return question.end();
    }

    /**
     * Handles the failure of the question. Returns its purpose. A renewal is tried again if the credential lives long
     * enough.
     */
    Purpose failed(long now) {
        Purpose purpose = question.end();
        if (purpose == Purpose.RENEWAL && end() != NEVER && end() > now) {
            renewalDue = now + Math.max(MIN_RETRY_NANOS, (end() - now) / 2);
        }
        return purpose;
    }

    /**
     * Handles the end of the connection.
     *
     * @param handingOver whether another connection is under way, for which the question still counts
     */
    void connectionDown(boolean handingOver) {
        stopRenewing();
        if (!handingOver) question.end();
    }

    // ---- renewal in use ----

    /** Returns when to call {@link #isDueForRenewal} on an open connection. */
    long renewalDue() {
        return unasked == null ? renewalDue : Math.min(renewalDue, unasked.due());
    }

    void scheduleRenewal() {
        renewalDue = dueByLife();
    }

    /** Allows a sooner renewal: a candidate that may have replaced one does not come. */
    void candidateDropped() {
        renewalDue = Math.min(renewalDue, dueByLife());
    }

    private long dueByLife() {
        if (credential == null || expires == NEVER || !renews) return NEVER;
        return Math.max(expires - margin(credential), obtainedAt + MIN_RENEWAL_NANOS);
    }

    /** Stops renewals, because the connection is being closed. */
    void stopRenewing() {
        renewalDue = NEVER;
        if (unasked != null) unasked.forget();
    }

    /** Records the expiry that the server announced. Returns whether to ask for another credential now. */
    boolean expiresAt(long time, long now) {
        expiresByServer = time;
        if (unasked == null) unasked = new UnaskedRenewals();
        return !question.isOpen() && unasked.mayAsk(now);
    }

    /** Returns whether to ask now. A question for a handover also serves as a renewal. */
    boolean isDueForRenewal(long now) {
        if (now >= renewalDue) renewalDue = NEVER;
        if (unasked != null) unasked.dueIsOver(now);
        return !question.isOpen();
    }
}

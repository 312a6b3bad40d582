package dev.holdfast.internal.session;

import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.internal.settings.Nanos;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The newest credential, the time of its renewal, and the question for the next one. There is one question at a time;
 * an answer to an earlier one is ignored.
 */
final class CredentialKeeper {
    /** The purpose of a question. */
    enum Purpose {
        ATTEMPT,
        HANDOVER,
        RENEWAL
    }

    private static final long NEVER = SessionMachine.NEVER;

    /** The divisor of a credential's life that gives the part left when it is renewed. */
    private static final int RENEWAL_MARGIN = 10;

    /** The minimum time between a credential's arrival and its renewal, however short its life is. */
    private static final long MIN_RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long MIN_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final boolean supplied;
    private final boolean renews;
    private final long answerNanos;

    private @Nullable Credential credential;
    /** The expiry by the credential's own life. */
    private long expires = NEVER;
    /** The expiry that the server announced. It calls for no renewal by itself: see {@link UnaskedRenewals}. */
    private long expiresByServer = NEVER;

    private long obtainedAt;
    /** The time at which the credential's own life calls for another. */
    private long renewalDue = NEVER;

    private final UnaskedRenewals unasked = new UnaskedRenewals();

    /** The question that still counts; 0 for none. */
    private long question;

    private long questions;
    private Purpose purpose = Purpose.ATTEMPT;
    private long answerDue = NEVER;

    CredentialKeeper(SessionSettings settings) {
        this.supplied = settings.credentials;
        // Without a resumable session, a new credential would cost a reconnect that loses messages.
        this.renews = settings.resumable;
        this.answerNanos = settings.welcomeTimeoutNanos;
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

    /** Starts a question. Returns its number. */
    long ask(Purpose next, long now) {
        purpose = next;
        question = ++questions;
        answerDue = now + answerNanos;
        return question;
    }

    boolean isAsking() {
        return question != 0;
    }

    boolean isAsking(long number) {
        return number == question;
    }

    /** Returns the deadline of the question. */
    long answerDue() {
        return answerDue;
    }

    /** Extends the deadline of the question to {@code time} at least. */
    void postponeAnswer(long time) {
        if (answerDue != NEVER) answerDue = Math.max(answerDue, time);
    }

    /** Takes the answer. Returns the purpose of the question. */
    Purpose answered(Credential answer, long now) {
        forgetQuestion();
        credential = answer;
        obtainedAt = now;
        long lifetime = Nanos.lifetime(answer);
        expires = lifetime == NEVER ? NEVER : now + lifetime;
        expiresByServer = NEVER;
        renewalDue = NEVER;
        return purpose;
    }

    /**
     * Handles the failure of the question. Returns its purpose. A renewal is tried again if the credential lives long
     * enough.
     */
    Purpose failed(long now) {
        forgetQuestion();
        if (purpose == Purpose.RENEWAL && end() != NEVER && end() > now) {
            renewalDue = now + Math.max(MIN_RETRY_NANOS, (end() - now) / 2);
        }
        return purpose;
    }

    private void forgetQuestion() {
        question = 0;
        answerDue = NEVER;
    }

    /** Cancels the question for a handover that will not take place. */
    void handoverDropped() {
        if (question != 0 && purpose == Purpose.HANDOVER) forgetQuestion();
    }

    /** Makes the question for a handover one for an attempt: the candidate is the only connection now. */
    void handoverBecomesAttempt() {
        if (question != 0 && purpose == Purpose.HANDOVER) purpose = Purpose.ATTEMPT;
    }

    /**
     * Handles the end of the connection.
     *
     * @param handingOver whether another connection is under way, for which the question still counts
     */
    void connectionDown(boolean handingOver) {
        stopRenewing();
        if (!handingOver) forgetQuestion();
    }

    // ---- renewal in use ----

    /** Returns when to call {@link #isDueForRenewal} on an open connection. */
    long renewalDue() {
        return Math.min(renewalDue, unasked.due());
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
        unasked.forget();
    }

    /** Records the expiry that the server announced. Returns whether to ask for another credential now. */
    boolean expiresAt(long time, long now) {
        expiresByServer = time;
        return question == 0 && unasked.mayAsk(now);
    }

    /** Returns whether to ask now. A question for a handover also serves as a renewal. */
    boolean isDueForRenewal(long now) {
        if (now >= renewalDue) renewalDue = NEVER;
        unasked.dueIsOver(now);
        return question == 0;
    }
}

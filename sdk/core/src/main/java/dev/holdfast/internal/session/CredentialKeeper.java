package dev.holdfast.internal.session;

import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.internal.settings.Nanos;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The newest credential, when it is to be renewed, and the question for the next. One question at a time; an answer to an
 * earlier one does not count any more.
 */
final class CredentialKeeper {
    /** What a credential is asked for. */
    enum Purpose {
        ATTEMPT,
        HANDOVER,
        RENEWAL
    }

    private static final long NEVER = SessionMachine.NEVER;

    /** The part of a credential's life that is left when it is renewed. */
    private static final int RENEWAL_MARGIN = 10;

    /** A credential is not renewed sooner than this after it was given, however short its life is. */
    private static final long MIN_RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long MIN_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final boolean supplied;
    private final boolean renews;
    private final long answerNanos;

    private @Nullable Credential credential;
    /** By its own life. */
    private long expires = NEVER;
    /** By the server's word, which calls for no renewal by itself: see {@link UnaskedRenewals}. */
    private long expiresByServer = NEVER;

    private long obtainedAt;
    /** When the credential's own life calls for another. */
    private long renewalDue = NEVER;

    private final UnaskedRenewals unasked = new UnaskedRenewals();

    /** The question that still counts; 0 for none. */
    private long question;

    private long questions;
    private Purpose purpose = Purpose.ATTEMPT;
    private long answerDue = NEVER;

    CredentialKeeper(SessionSettings settings) {
        this.supplied = settings.credentials;
        // A session that is resumed elsewhere for a new credential would not be kept up to date without one.
        this.renews = settings.resumable;
        this.answerNanos = settings.welcomeTimeoutNanos;
    }

    /** Whether the newest credential's life, as far as it is known, is over. */
    boolean isExpired(long now) {
        return end() != NEVER && now >= end();
    }

    private long end() {
        return Math.min(expires, expiresByServer);
    }

    /** Null before the first. */
    @Nullable
    Credential credential() {
        return credential;
    }

    /** What is said of it in {@code open}; null where it is shown elsewhere, or there is none. */
    @Nullable
    String auth() {
        return credential != null && credential.place() == Credential.Place.OPEN ? credential.value() : null;
    }

    /** Whether the application supplies any. */
    boolean isSupplied() {
        return supplied;
    }

    // ---- the question ----

    /** Why another is needed for an attempt; null where it is not. */
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

    /** Returns the number of the question that is to be asked. */
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

    /** When the question has waited for long enough. */
    long answerDue() {
        return answerDue;
    }

    /** Gives the answer until {@code time} at least. */
    void postponeAnswer(long time) {
        if (answerDue != NEVER) answerDue = Math.max(answerDue, time);
    }

    /** Takes the answer. Returns what it was asked for. */
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

    /** There is none to be had. Returns what it was asked for; a renewal will be tried again in time, if there is any. */
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

    /** The handover that it was asked for is off. */
    void handoverDropped() {
        if (question != 0 && purpose == Purpose.HANDOVER) forgetQuestion();
    }

    /** What was a handover is the only connection now. */
    void handoverBecomesAttempt() {
        if (question != 0 && purpose == Purpose.HANDOVER) purpose = Purpose.ATTEMPT;
    }

    /** @param handingOver whether another connection is on its way, for which the question still counts */
    void connectionDown(boolean handingOver) {
        stopRenewing();
        if (!handingOver) forgetQuestion();
    }

    // ---- renewal in use ----

    /** When {@link #isDueForRenewal} may be, on an open connection. */
    long renewalDue() {
        return Math.min(renewalDue, unasked.due());
    }

    void scheduleRenewal() {
        renewalDue = dueByLife();
    }

    /** A connection that may have stood for a renewal does not come; one that failed may be tried again sooner. */
    void candidateDropped() {
        renewalDue = Math.min(renewalDue, dueByLife());
    }

    private long dueByLife() {
        if (credential == null || expires == NEVER || !renews) return NEVER;
        return Math.max(expires - margin(credential), obtainedAt + MIN_RENEWAL_NANOS);
    }

    /** On a connection that is being closed there is none. */
    void stopRenewing() {
        renewalDue = NEVER;
        unasked.forget();
    }

    /** The server says when it is good no longer. Returns whether to ask for another now. */
    boolean expiresAt(long time, long now) {
        expiresByServer = time;
        return question == 0 && unasked.mayAsk(now);
    }

    /** Whether to ask now. One that is asked for a handover does for this as well. */
    boolean isDueForRenewal(long now) {
        if (now >= renewalDue) renewalDue = NEVER;
        unasked.dueIsOver(now);
        return question == 0;
    }
}

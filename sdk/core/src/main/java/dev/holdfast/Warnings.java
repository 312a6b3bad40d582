package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.text.Secrets;
import dev.holdfast.internal.transport.HandshakeSecrets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Logs the failures of a client that no callback of the application receives: the first of each kind. So a client without a
 * listener says why it does not connect, and a broken network does not fill the log. Safe from any thread.
 */
final class Warnings {
    /** The maximum number of kinds that one client logs. */
    private static final int MAX_KINDS = 16;

    private final @Nullable HoldfastLogger logger;
    private final List<Request> endpoints;
    private final boolean failuresAreHeard;
    private final boolean lossesAreHeard;
    private final boolean survivesStore;

    private final ReentrantLock lock = new ReentrantLock();

    /** Made with the first warning: most clients have none. */
    @GuardedBy("lock")
    private @Nullable Set<String> kinds;

    /** The secrets of the newest attempt. */
    private volatile List<String> newest = Collections.emptyList();

    Warnings(ClientSettings settings) {
        this.logger = settings.logger;
        this.endpoints = settings.endpoints;
        // A frame log shows no failures.
        boolean events = settings.eventListeners.stream().anyMatch(listener -> !(listener instanceof FrameLog));
        this.failuresAreHeard = events || settings.callbacks.onConnectionFailure != null;
        this.lossesAreHeard = events || settings.callbacks.onSessionLost != null;
        this.survivesStore = settings.storeFailure == StoreFailure.CONTINUE_IN_MEMORY;
    }

    private String server() {
        HttpUrl url = endpoints.get(0).url();
        String port = url.port() == HttpUrl.defaultPort(url.scheme()) ? "" : ":" + url.port();
        String host = url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]";
        String others = endpoints.size() == 1 ? "" : " (or " + (endpoints.size() - 1) + " more)";
        return (url.isHttps() ? "wss://" : "ws://") + host + port + others;
    }

    /** Returns all secrets that are known. */
    private Secrets secrets() {
        Secrets secrets = new Secrets(secrets(endpoints));
        secrets.renew(newest);
        return secrets;
    }

    private static List<String> secrets(List<Request> endpoints) {
        List<String> secrets = new ArrayList<>();
        for (Request endpoint : endpoints) {
            HttpUrl url = endpoint.url();
            secrets.add(url.password());
            for (int i = 0; i < url.querySize(); i++) {
                String value = url.queryParameterValue(i);
                if (value != null) secrets.add(value);
            }
            Headers headers = endpoint.headers();
            for (int i = 0; i < headers.size(); i++) {
                if (HandshakeSecrets.isAlwaysHarmless(headers.name(i))) continue;
                secrets.add(headers.value(i));
                Collections.addAll(secrets, headers.value(i).split("[\\s,;=]+"));
            }
        }
        return secrets;
    }

    /** Notes the secrets of an attempt, which no log may show. */
    void attempt(Attempt attempt) {
        Credential credential = attempt.credential();
        Request supplied = (Request) attempt.supplied();
        if (credential == null && supplied == null) {
            newest = Collections.emptyList();
            return;
        }
        List<String> values = new ArrayList<>();
        if (credential != null) values.add(credential.value());
        if (supplied != null) {
            values.addAll(secrets(Collections.singletonList(supplied)));
            // A path may hold a secret, too; those of the application's own URLs do not change.
            values.addAll(supplied.url().pathSegments());
        }
        newest = values;
    }

    /** A failure came to a listener that ignores it. */
    void failure(ConnectionFailure failure) {
        if (failuresAreHeard) return;
        Throwable cause = failure.cause();
        if (!isNew(failure.phase() + " " + failure.httpStatus() + " " + failure.closeCode() + " " + failure.willRetry()
                + " " + root(cause))) {
            return;
        }
        log(
                "The connection to " + server() + " failed: " + failure
                        + ". The client has no onConnectionFailure callback, so it logs the first failure of each kind",
                cause == null ? null : stackTraces(failure.phase(), cause));
    }

    /** Returns the class of the innermost cause. */
    private static String root(@Nullable Throwable thrown) {
        String name = "";
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            name = cause.getClass().getName();
            cause = cause.getCause();
        }
        return name;
    }

    /** Returns the stack traces if code failed. Those of a network that failed explain nothing. */
    private @Nullable Throwable stackTraces(ConnectionFailure.Phase phase, Throwable cause) {
        switch (phase) {
            case CONFIGURATION:
            case INTERNAL:
                return secrets().clean(cause, true);
            case CREDENTIAL:
            case ENDPOINT:
                // The messages of an application's provider may hold the secret in any form.
                return secrets().clean(cause, false);
            default:
                return null;
        }
    }

    /** A lost session was reported to a listener that ignores it. */
    void sessionLost(SessionLoss loss) {
        if (lossesAreHeard || !isNew("session lost")) return;
        log(
                "The server " + server() + " no longer has the session: " + loss
                        + ". The client has no onSessionLost callback, so it logs the first loss",
                null);
    }

    /** The store failed, and a listener ignores it. If the client ends, the failed connection says so. */
    void storeFailure(StoreException failure) {
        if (!survivesStore || !isNew("store")) return;
        log(
                "The client of " + server() + " goes on without its session store, so nothing survives the process: "
                        + failure.getMessage() + ". The client's listener has no onStoreFailure, so it logs this",
                secrets().clean(failure, true));
    }

    /** The callback executor refused a task. Nobody else hears it. */
    void callbackExecutorRefused(Throwable refusal) {
        if (!isNew("refused")) return;
        log(
                "The callback executor of the client of " + server()
                        + " refused a task, so the client is cancelled, and its listener is not called any more",
                secrets().clean(refusal, true));
    }

    private boolean isNew(String kind) {
        lock.lock();
        try {
            Set<String> logged = kinds;
            if (logged == null) {
                logged = new HashSet<>();
                kinds = logged;
            }
            return logged.size() < MAX_KINDS && logged.add(kind);
        } finally {
            lock.unlock();
        }
    }

    private void log(String message, @Nullable Throwable thrown) {
        HoldfastLogger target = logger == null ? JavaLogging::warn : logger;
        Uncaught.run(() -> target.warn(secrets().clean(message), thrown));
    }

    /** The default. Loaded with the first warning. */
    private static final class JavaLogging {
        private static final String NAME = "dev.holdfast";
        private static final Logger LOGGER = Logger.getLogger(NAME);

        private JavaLogging() {}

        static void warn(String message, @Nullable Throwable thrown) {
            // With the names the logger need not look for the caller.
            LOGGER.logp(Level.WARNING, NAME, "HoldfastClient", message, thrown);
        }
    }
}

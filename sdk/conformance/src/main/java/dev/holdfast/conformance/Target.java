package dev.holdfast.conformance;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The server under test, and what the suite may assume of it.
 *
 * @param uri the URL to connect to, {@code ws} or {@code wss}
 * @param auth a credential of one user, as the JSON text of {@code open.auth}; null if the server takes clients without one
 * @param otherAuth a credential of another user; null to skip the checks that need one
 * @param briefAuth a credential of the first user that expires within a few seconds; null to skip
 * @param refusedAuth a credential that the server refuses; null to skip
 * @param refusedBearer a bearer token that the server refuses at the upgrade; null to skip
 * @param maxTtl the longest {@code ttl} that the suite waits for
 * @param maxWindow a number of entries that is more than the server's own window
 * @param logLimit the number of entries that the server's log holds; 0 to skip
 * @param patience how long the suite waits for what must come soon
 * @param threads the number of checks that run at the same time
 * @param http whether the server's HTTP carrier is checked
 * @param slow whether the checks that take a minute run too
 * @param overHttp whether the connections of a check are carried over HTTP
 */
public record Target(
        URI uri,
        @Nullable String auth,
        @Nullable String otherAuth,
        @Nullable String briefAuth,
        @Nullable String refusedAuth,
        @Nullable String refusedBearer,
        Duration maxTtl,
        int maxWindow,
        int logLimit,
        Duration patience,
        int threads,
        Http http,
        boolean slow,
        boolean overHttp) {
    /** Whether the HTTP carrier of section 15 is checked. */
    public enum Http {
        /** If the server answers the greeting. */
        AUTO,
        /** Yes: a server that does not answer the greeting fails. */
        YES,
        /** No. */
        NO
    }

    private static final Duration MAX_TTL = Duration.ofSeconds(10);
    private static final int MAX_WINDOW = 5000;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int THREADS = 16;

    /** Returns a target without credentials and with the defaults of the command. */
    public static Target of(URI uri) {
        return new Target(
                uri, null, null, null, null, null, MAX_TTL, MAX_WINDOW, 0, PATIENCE, THREADS, Http.AUTO, false, false);
    }

    /** Returns a copy with credentials; those that are null skip the checks that need them. */
    public Target withCredentials(
            @Nullable String user,
            @Nullable String other,
            @Nullable String brief,
            @Nullable String refused,
            @Nullable String bearer) {
        return new Target(
                uri, user, other, brief, refused, bearer, maxTtl, maxWindow, logLimit, patience, threads, http, slow,
                overHttp);
    }

    /** Returns a copy with limits. */
    public Target withLimits(Duration longestTtl, int window, int log) {
        return new Target(
                uri,
                auth,
                otherAuth,
                briefAuth,
                refusedAuth,
                refusedBearer,
                longestTtl,
                window,
                log,
                patience,
                threads,
                http,
                slow,
                overHttp);
    }

    /** Returns a copy with another patience and number of threads. */
    public Target withPace(Duration wait, int atOnce) {
        return new Target(
                uri,
                auth,
                otherAuth,
                briefAuth,
                refusedAuth,
                refusedBearer,
                maxTtl,
                maxWindow,
                logLimit,
                wait,
                atOnce,
                http,
                slow,
                overHttp);
    }

    /**
     * Returns a copy for other checks.
     *
     * @param carrier whether the HTTP carrier is checked
     * @param slowToo whether the checks that take a minute run too
     */
    public Target withHttp(Http carrier, boolean slowToo) {
        return new Target(
                uri,
                auth,
                otherAuth,
                briefAuth,
                refusedAuth,
                refusedBearer,
                maxTtl,
                maxWindow,
                logLimit,
                patience,
                threads,
                carrier,
                slowToo,
                overHttp);
    }

    Target overHttp(boolean on) {
        return new Target(
                uri,
                auth,
                otherAuth,
                briefAuth,
                refusedAuth,
                refusedBearer,
                maxTtl,
                maxWindow,
                logLimit,
                patience,
                threads,
                http,
                slow,
                on);
    }

    /** Returns a copy for checks that send the largest messages. */
    Target patient() {
        return withPace(patience.multipliedBy(4), threads);
    }

    static String need(@Nullable String credential, String option) {
        if (credential == null) throw new Skipped("needs " + option);
        return credential;
    }
}

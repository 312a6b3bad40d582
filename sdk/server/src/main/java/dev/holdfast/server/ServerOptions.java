package dev.holdfast.server;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What {@link HoldfastServer.Builder} has collected. */
record ServerOptions(
        MessageHandler handler,
        Consumer<ServerSession> onSession,
        Consumer<Throwable> onError,
        Authenticator authenticator,
        Predicate<String> origins,
        Duration ttl,
        int maxUnacked,
        long maxBytes,
        int ackEvery,
        Duration ackDelay,
        Duration openTimeout,
        int logLimit,
        @Nullable RateLimit rateLimit,
        SecureRandom random,
        @Nullable Executor executor) {}

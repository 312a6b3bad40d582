package dev.holdfast.internal.runtime;

import dev.holdfast.internal.time.ElapsedClock;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Time, chance, threads and the network, as a client meets them. Nothing else in the SDK reads a clock or a random. */
public final class Environment {
    /** May stand still while the device sleeps. */
    final Ticker ticker;
    /** Does not stand still while the device sleeps. What a session waits for counts by this. */
    final Ticker elapsed;

    final Scheduler scheduler;
    final Executor io;
    /** Runs what {@link #io} refuses. It may refuse as well. */
    final Executor lastResort;

    final Random secureRandom;
    final Random jitter;
    private final @Nullable Transport transport;

    /**
     * Creates an environment in which the ticker counts sleep.
     *
     * @param secureRandom cryptographic
     * @param jitter need not be
     * @param transport in place of OkHttp's, for a world without a network; null for the real one
     */
    public Environment(
            Ticker ticker,
            Scheduler scheduler,
            Executor io,
            Random secureRandom,
            Random jitter,
            @Nullable Transport transport) {
        this(scheduler, io, Runnable::run, secureRandom, jitter, transport, ticker, ticker);
    }

    /**
     * Creates an environment in which a jump of the time of day ahead of the ticker counts as sleep.
     *
     * @param wall the time of day in nanoseconds
     */
    public Environment(
            Ticker ticker,
            Ticker wall,
            Scheduler scheduler,
            Executor io,
            Random secureRandom,
            Random jitter,
            @Nullable Transport transport) {
        this(scheduler, io, Runnable::run, secureRandom, jitter, transport, ticker, new ElapsedClock(ticker, wall));
    }

    private Environment(
            Scheduler scheduler,
            Executor io,
            Executor lastResort,
            Random secureRandom,
            Random jitter,
            @Nullable Transport transport,
            Ticker ticker,
            Ticker elapsed) {
        this.ticker = ticker;
        this.elapsed = elapsed;
        this.scheduler = scheduler;
        this.io = io;
        this.lastResort = lastResort;
        this.secureRandom = secureRandom;
        this.jitter = jitter;
        this.transport = transport;
    }

    /** The real world, on threads that all clients of the process share. */
    public static Environment system() {
        return system(SharedThreads.io());
    }

    /** The real world, with I/O on threads of the application's. */
    public static Environment system(Executor io) {
        SecureRandom secureRandom = new SecureRandom();
        return new Environment(
                SharedThreads.scheduler(),
                io,
                SharedThreads.io(),
                secureRandom,
                new Random(secureRandom.nextLong()),
                null,
                SharedThreads.ticker(),
                SharedThreads.elapsed());
    }

    /**
     * Returns the same environment with another source of elapsed time. It goes on from the elapsed time of now: what
     * clients share counts by one clock.
     *
     * @param nanos from an arbitrary moment, including time asleep; never less than before
     */
    public Environment withElapsed(LongSupplier nanos) {
        long ahead = elapsed.nanos() - nanos.getAsLong();
        return new Environment(
                scheduler, io, lastResort, secureRandom, jitter, transport, ticker, () -> nanos.getAsLong() + ahead);
    }

    /**
     * How a client opens connections, see {@link OkHttpTransport}. It is made when the first connection is
     * opened, on the driver's serial context: a new OkHttpClient is not for an application's main thread.
     */
    public Transport transport(
            Supplier<OkHttpClient> client, @Nullable String subprotocol, ConnectionSettings settings) {
        if (transport != null) return transport;
        return new Transport() {
            private @Nullable Transport made;

            @Override
            public Connection open(Request request, ConnectionListener listener) {
                Transport known = made;
                if (known == null) {
                    known = okHttp(client.get(), subprotocol, settings);
                    made = known;
                }
                return known.open(request, listener);
            }
        };
    }

    /** The real transport, in this environment's time and on its threads. */
    public OkHttpTransport okHttp(OkHttpClient client, @Nullable String subprotocol, ConnectionSettings settings) {
        return new OkHttpTransport(client, subprotocol, settings, io, scheduler, ticker, secureRandom);
    }

    /** Returns the clock of connections. */
    public Ticker ticker() {
        return ticker;
    }

    /** What runs tasks later. */
    public Scheduler scheduler() {
        return scheduler;
    }
}

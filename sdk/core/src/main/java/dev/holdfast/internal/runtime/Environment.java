package dev.holdfast.internal.runtime;

import dev.holdfast.internal.time.ElapsedClock;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import dev.holdfast.internal.transport.CarrierFactory;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Platform;
import dev.holdfast.internal.transport.Transport;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The clocks, random numbers, threads and network of a client. Nothing else in the SDK reads a clock or a random number. */
public final class Environment {
    /** A clock that may stand still while the device sleeps. */
    final Ticker ticker;
    /** A clock that counts sleep. Sessions count by it. */
    final Ticker elapsed;
    /** The time of day in nanoseconds since 1970, for what outlives the process. */
    final Ticker wall;

    final Scheduler scheduler;
    final Executor io;
    /** Runs tasks that {@link #io} refuses. It may refuse as well. */
    final Executor lastResort;

    final Random secureRandom;
    final Random jitter;
    private final @Nullable Transport transport;

    /**
     * Creates an environment in which the ticker counts sleep.
     *
     * @param secureRandom a cryptographic source
     * @param jitter a source for delays, which need not be cryptographic
     * @param transport replaces OkHttp's, for tests without a network; null for OkHttp's
     */
    public Environment(
            Ticker ticker,
            Scheduler scheduler,
            Executor io,
            Random secureRandom,
            Random jitter,
            @Nullable Transport transport) {
        this(scheduler, io, Runnable::run, secureRandom, jitter, transport, ticker, ticker, ticker);
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
        this(
                scheduler,
                io,
                Runnable::run,
                secureRandom,
                jitter,
                transport,
                ticker,
                new ElapsedClock(ticker, wall),
                wall);
    }

    private Environment(
            Scheduler scheduler,
            Executor io,
            Executor lastResort,
            Random secureRandom,
            Random jitter,
            @Nullable Transport transport,
            Ticker ticker,
            Ticker elapsed,
            Ticker wall) {
        this.wall = wall;
        this.ticker = ticker;
        this.elapsed = elapsed;
        this.scheduler = scheduler;
        this.io = io;
        this.lastResort = lastResort;
        this.secureRandom = secureRandom;
        this.jitter = jitter;
        this.transport = transport;
    }

    /** Returns the system's clocks and network, on threads that all clients of the process share. */
    public static Environment system() {
        return system(ProcessResources.io());
    }

    /** Returns the system's clocks and network, with I/O on threads of the application's. */
    public static Environment system(Executor io) {
        return new Environment(
                ProcessResources.scheduler(),
                io,
                ProcessResources.io(),
                ProcessResources.secureRandom(),
                ProcessResources.jitter(),
                null,
                ProcessResources.ticker(),
                ProcessResources.elapsed(),
                ProcessResources.wall());
    }

    /**
     * Returns this environment with another source of elapsed time, which continues from the current elapsed time: what
     * clients share counts by one clock.
     *
     * @param nanos returns nanoseconds since an arbitrary moment, including time asleep; it never decreases
     */
    public Environment withElapsed(LongSupplier nanos) {
        long ahead = elapsed.nanos() - nanos.getAsLong();
        return new Environment(
                scheduler,
                io,
                lastResort,
                secureRandom,
                jitter,
                transport,
                ticker,
                () -> nanos.getAsLong() + ahead,
                wall);
    }

    /**
     * Returns the transport that opens a client's connections, see {@link OkHttpTransport}. It is made when the first
     * connection is opened, on the driver's serial context: a new OkHttpClient is too slow for an application's main thread.
     *
     * @param carrier makes the transport of it, null for WebSockets alone
     * @throws IllegalStateException if OkHttp or Okio is too old
     */
    public Transport transport(
            Supplier<OkHttpClient> client,
            @Nullable String subprotocol,
            ConnectionSettings settings,
            @Nullable CarrierFactory carrier) {
        if (transport != null) return transport.with(subprotocol, settings);
        Platform.check();
        return new Transport() {
            private @Nullable Transport made;

            @Override
            public Connection open(Request request, ConnectionListener listener) {
                Transport known = made;
                if (known == null) {
                    OkHttpTransport webSockets = okHttp(client.get(), subprotocol, settings);
                    known = carrier == null ? webSockets : carrier.transport(webSockets);
                    made = known;
                }
                return known.open(request, listener);
            }

            @Override
            public void onNetworkChanged() {
                if (made != null) made.onNetworkChanged();
            }
        };
    }

    /** Returns OkHttp's transport, with this environment's clock and threads. */
    public OkHttpTransport okHttp(OkHttpClient client, @Nullable String subprotocol, ConnectionSettings settings) {
        return new OkHttpTransport(client, subprotocol, settings, io, scheduler, ticker, secureRandom);
    }

    /** Returns the clock of connections. */
    public Ticker ticker() {
        return ticker;
    }

    /** Returns the scheduler of delayed tasks. */
    public Scheduler scheduler() {
        return scheduler;
    }
}

package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Opening;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.concurrent.WillingExecutor;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.Snapshot;
import dev.holdfast.internal.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Drives one {@link SessionMachine}: it turns the calls of the application into events, which an {@link EventLoop} applies
 * together with those of connections and of the timer.
 *
 * <p>The public methods are safe from any thread and none blocks, except {@link #send} under an overflow policy that
 * blocks.
 */
public final class SessionDriver {
    /** The time for the callbacks of the end, when the client has ended at the last moment. */
    private static final long CALLBACK_GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The code of a client that did not end in order, RFC 6455 section 7.1.5. */
    private static final int ABNORMAL = 1006;

    private final Environment environment;
    private final SessionProtocol protocol;
    private final ClientCallbacks callbacks;
    private final Telemetry telemetry;
    private final @Nullable StoreKeeper keeper;

    private final SharedQueue queue;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final Openings openings;
    private final ApplicationPings pings;
    private final Backpressure backpressure;
    private final InboundBudget budget;
    private final InboundDelivery delivery;

    /** Confined to the serial context. */
    private final SessionMachine machine;

    private final Performer performer;
    private final EventLoop loop;
    private final Drain drain;
    private final StoreOpening storeOpening;

    /**
     * Creates a driver of a machine in its first state.
     *
     * @param requests returns the opening handshake of an attempt
     * @param credentials null if the settings say that there is none, and so is {@code endpoints}
     * @param inboundLimit bytes that may wait for the application before reading stops
     * @param manualAcks whether the application says when it has finished with a message, see {@link #handled}; otherwise
     *     it has when its listener returns
     * @param callbackExecutor calls the application; null for the I/O executor
     * @param store what makes the session durable; null for nothing
     */
    public SessionDriver(
            Environment environment,
            Transport transport,
            Function<Attempt, Request> requests,
            @Nullable CredentialProvider credentials,
            @Nullable EndpointProvider endpoints,
            NetworkMonitor network,
            SessionProtocol protocol,
            SessionSettings settings,
            OutboundQueue queue,
            long inboundLimit,
            boolean manualAcks,
            @Nullable Executor callbackExecutor,
            ClientCallbacks callbacks,
            Telemetry telemetry,
            @Nullable StoreSettings store) {
        this.environment = environment;
        this.protocol = protocol;
        this.callbacks = callbacks;
        this.telemetry = telemetry;
        StoreJournal journal = store == null ? null : new StoreJournal(environment.wall);
        Executor willing = new WillingExecutor(environment.io, environment.lastResort);
        this.serial = new SerialContext(willing, this::panic);
        this.keeper = store == null || journal == null ? null : store.keeper(journal, serial, willing, environment);
        this.budget = new InboundBudget(inboundLimit);
        this.delivery = new InboundDelivery(
                settings.tracksHandled(),
                manualAcks,
                callbackExecutor == null,
                callbacks,
                budget,
                new HandledSignal(environment.ticker),
                serial,
                this::lookAtHandled);
        this.dispatcher = new ListenerDispatcher(
                callbackExecutor != null ? callbackExecutor : environment.io,
                callbackExecutor != null,
                willing,
                callbackExecutor != null ? this::callbacksRefused : refusal -> serial.post(() -> ioRefused(refusal)),
                delivery::deliver);
        BooleanSupplier mustNotWait = this::mustNotWait;
        this.queue = new SharedQueue(queue, journal, new QueueEvents(serial, dispatcher, callbacks, this::loop));
        this.backpressure = new Backpressure(this.queue, serial, dispatcher, mustNotWait, callbacks);
        this.machine = new SessionMachine(settings, environment.jitter, this.queue);
        this.openings = new Openings(protocol.opens(), serial, dispatcher, mustNotWait, callbacks);
        this.pings = new ApplicationPings(environment.ticker, serial, dispatcher, mustNotWait);
        Function<EventLoop, Performer> parts = events -> new Performer(
                new Connections(
                        transport,
                        requests,
                        number -> new ConnectionEvents(
                                number,
                                environment.ticker.nanos(),
                                machine,
                                protocol.reader(),
                                events,
                                budget,
                                openings,
                                pings,
                                telemetry),
                        budget,
                        telemetry,
                        serial),
                protocol,
                credentials == null
                        ? null
                        : new ProviderRequests<>(
                                "credential",
                                credentials::credential,
                                environment.io,
                                events,
                                machine::onCredential,
                                machine::onCredentialFailed),
                endpoints == null
                        ? null
                        : new ProviderRequests<>(
                                "endpoint",
                                endpoints::endpoint,
                                environment.io,
                                events,
                                machine::onEndpoint,
                                machine::onEndpointFailed),
                new NetworkWatch(network, machine, events, transport::onNetworkChanged),
                this.queue,
                backpressure,
                dispatcher,
                budget,
                delivery,
                openings,
                pings,
                callbacks,
                telemetry);
        this.loop = new EventLoop(
                environment,
                machine,
                this.queue,
                serial,
                dispatcher,
                backpressure,
                telemetry,
                budget,
                delivery,
                keeper,
                parts);
        this.performer = loop.performer();
        this.drain = new Drain(
                machine, loop, serial, environment.scheduler, dispatcher, performer::state, this.queue::unfinished);
        loop.afterEvent(drain::check);
        protocol.attach(loop::post);
        this.storeOpening = new StoreOpening(
                protocol.isResumable(),
                settings.resendsWithKey(),
                environment.elapsed,
                machine,
                loop,
                this.queue,
                serial,
                dispatcher,
                callbacks);
    }

    /** See {@link StoreOpening#open}. To be called before any other method. */
    public void openStore() {
        if (keeper != null) storeOpening.post(keeper);
    }

    /** Returns whether the client has a store. */
    public boolean hasStore() {
        return keeper != null;
    }

    /** See {@link StoreOpening#opened}. */
    public <T> CompletableFuture<T> storeOpened(Function<List<Outbound>, T> make) {
        return storeOpening.opened(make, this::mustNotWait);
    }

    public void connect() {
        loop.post(machine::connect);
    }

    public void connectNow() {
        loop.post(machine::connectNow);
    }

    public void disconnect() {
        loop.post(machine::disconnect);
    }

    /** Ends the session in order, with this code and reason in the close frame. */
    public void close(CloseReason farewell) {
        queue.close();
        loop.post(now -> machine.close(farewell, now));
    }

    /**
     * Closes within {@code timeoutNanos}, and waits for the end and for {@link #CALLBACK_GRACE_NANOS} for its callbacks. Returns
     * whether the client ended in order.
     *
     * @throws IllegalStateException if a callback could not run while the current thread waits
     */
    public boolean close(long timeoutNanos) {
        if (mustNotWait()) throw new IllegalStateException("close that waits, on the callbacks' thread: use close()");
        if (AndroidMainThread.isCurrent()) {
            throw new IllegalStateException("close that waits, on Android's main thread: use close()");
        }
        queue.close();
        loop.post(now -> {
            machine.setCloseTimeout(timeoutNanos);
            return machine.close(now);
        });
        try {
            return closed().get(timeoutNanos + CALLBACK_GRACE_NANOS, TimeUnit.NANOSECONDS)
                            .code()
                    != ABNORMAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client ends without an exception", e);
        }
    }

    public void cancel() {
        queue.close();
        loop.post(now -> machine.cancel());
    }

    /**
     * Puts the message into the queue. Returns null if the queue takes it, or else how it ended.
     *
     * @throws IllegalStateException if it may have to wait for room, on a thread that must not wait
     */
    public @Nullable Outcome send(Outbound message) {
        if (queue.mayBlock(message)) {
            if (dispatcher.isCallbackThread() || telemetry.isReporting()) {
                throw new IllegalStateException("send that may block, on a thread of the callback executor");
            }
            if (AndroidMainThread.isCurrent()) {
                throw new IllegalStateException("send that may block, on Android's main thread");
            }
        }
        boolean expires = message.options().expiry() != null;
        if (expires) message.sentAt(environment.elapsed.nanos());
        Outcome refused = queue.offer(message);
        // The timer may have been set before the device slept, and the message sent after.
        if (expires && loop.isTimerOutdated()) queue.notifyOwner();
        return refused;
    }

    /** Takes a waiting message back, and ends it. Returns false if it no longer waits. */
    public boolean recall(Outbound message) {
        return queue.recall(message);
    }

    /** Returns whether a wait on this thread for a callback would never end. */
    public boolean mustNotWait() {
        return dispatcher.waitsForThisThread() || telemetry.isReporting();
    }

    /** Marks a message not to be sent again. Returns false if it has not left the queue, or would not be sent again anyway. */
    public boolean giveUp(Outbound message) {
        boolean again = protocol.isResumable() || message.payload().packet() != null;
        if (!again || !queue.hasLeft(message)) return false;
        message.giveUp();
        if (keeper != null) serial.post(message::changed);
        return true;
    }

    /** Marks a message as handled. To be called once for each message if the application acknowledges manually. */
    public void handled(Inbound message) {
        delivery.onHandled(message);
    }

    /**
     * Returns a future that completes on the callback executor when the queue is below its low water mark, and is cancelled
     * when the client ends.
     */
    public CompletableFuture<Void> writable() {
        return backpressure.writable();
    }

    /**
     * Moves to another connection: a resumable session that is up hands over, so that nothing is lost; any other connection
     * is closed first. Returns a future of the next opening.
     */
    public CompletableFuture<Opening> reconnect() {
        loop.post(machine::reconnect);
        return openings.next();
    }

    /**
     * Connects, and disconnects when every message has its outcome or the time is over. Returns a future that then completes on
     * the callback executor with the result of {@code make}, which gets the messages without an outcome.
     */
    public <T> CompletableFuture<T> drain(long nanos, Function<List<Outbound>, T> make) {
        CallbackFuture<T> future = new CallbackFuture<>(this::mustNotWait);
        drain.begin(future, nanos, make);
        return future;
    }

    /** See {@link ApplicationPings#ping}. */
    public CompletableFuture<Duration> ping() {
        return pings.ping(performer::sendApplicationPing);
    }

    /** See {@link Openings#opened}. */
    public CompletableFuture<Opening> opened() {
        return openings.opened();
    }

    /** See {@link Openings#closed}. */
    public CompletableFuture<CloseReason> closed() {
        return openings.closed();
    }

    /** Returns the payload bytes that {@link #send} took and that are neither in a socket nor ended. */
    public long bufferedAmount() {
        return queue.bufferedAmount();
    }

    /** Returns the size of the largest message that the queue can ever take. */
    public long queueLimit() {
        return queue.maxBytes();
    }

    /** See {@link SessionMachine#putStartMessage}. */
    public void putStartMessage(String name, Supplier<Outbound> message) {
        loop.post(now -> machine.putStartMessage(name, message, now));
    }

    /** See {@link SessionMachine#withdraw}. */
    public void withdraw(String name) {
        loop.post(now -> machine.withdraw(name));
    }

    /**
     * Returns a future that completes on the callback executor with the result of {@code make}. That is called on the serial
     * context with {@link SessionMachine#snapshot}, or null after a panic, and with the messages that wait.
     */
    public <T> CompletableFuture<T> snapshot(BiFunction<@Nullable Snapshot, List<Outbound>, T> make) {
        CallbackFuture<T> future = new CallbackFuture<>(this::mustNotWait);
        serial.post(() -> {
            dispatcher.release();
            try {
                T made = make.apply(loop.hasPanicked() ? null : machine.snapshot(), queue.waiting());
                dispatcher.postEnd(() -> future.complete(made));
            } catch (Throwable t) {
                dispatcher.postEnd(() -> future.completeExceptionally(t));
                throw t;
            }
        });
        return future;
    }

    /** Takes over the session of another process. To be called before any other method. */
    public void restore(Snapshot snapshot, List<Outbound> waiting) {
        snapshot.unacknowledged.forEach(queue::restoreTaken);
        machine.durable.restore(snapshot);
        queue.restore(waiting, false);
    }

    /** Returns the counters. Each is right, but they are not of one moment. */
    public Map<Counter, Long> counts() {
        Map<Counter, Long> counts = telemetry.counts();
        counts.put(Counter.MESSAGES_SENT, queue.level().taken);
        return counts;
    }

    /** Returns the number of messages that wait in the queue. */
    public int queuedMessages() {
        return queue.level().messages;
    }

    /** Returns the payload bytes of the messages that wait in the queue. */
    public long queuedBytes() {
        return queue.level().bytes;
    }

    /** Returns the newest state. */
    public ClientState state() {
        return performer.state();
    }

    /** Returns the round-trip time of the newest answered ping in nanoseconds, or -1 before the first. */
    public long roundTripNanos() {
        return performer.roundTripNanos();
    }

    private EventLoop loop() {
        return loop;
    }

    private void panic(Throwable thrown) {
        loop.panic(thrown);
    }

    private void callbacksRefused(Throwable refusal) {
        cancel();
        callbacks.onExecutorRefused(refusal);
    }

    private void ioRefused(Throwable refusal) {
        loop.onIoRefused(refusal);
    }

    private void lookAtHandled() {
        loop.processFlow(machine::onHandled);
    }
}

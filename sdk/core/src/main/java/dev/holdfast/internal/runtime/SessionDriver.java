package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.concurrent.WillingExecutor;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Effects;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.Snapshot;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import okhttp3.Request;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Drives one {@link SessionMachine}: turns what callers, connections and the timer do into its events, one at a time on
 * a serial context, and performs the effects it answers with.
 *
 * <p>The public methods are safe from any thread and none blocks.
 */
public final class SessionDriver {
    private static final String CUT = "…";
    /** Characters of a close reason that are sure to fit the 123 bytes of a close frame, with {@link #CUT}. */
    private static final int CLOSE_REASON_CHARACTERS = 40;

    /** What an inbound message weighs beside its payload: an empty one takes memory too. */
    private static final long MESSAGE_COST = 256;

    /**
     * Two clocks that are read one after the other differ by a little more or less each time. As little as this changes nothing,
     * or a connection's last byte would seem to have come at another moment whenever it is looked at.
     */
    private static final long READING_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Elapsed time ahead of the ticker, or a timer that is late, by more than this means that the process did not run. */
    private static final long SUSPENSION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * The longest wait for an attempt without a look at the clock. A timer may stand still while the device sleeps, so a
     * longer one would notice a wake-up late.
     */
    private static final long MAX_BLIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** The part of the inbound limit that may be told and not released: counting together costs less. */
    private static final int TOLD_SHARE = 8;

    /** Messages that are told to the machine together, if they came together. */
    private static final int MAX_READ = 256;

    /** Not worth a timer's moving. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Environment environment;
    private final Transport transport;
    private final Function<Attempt, Request> requests;
    private final @Nullable CredentialProvider credentials;
    private final NetworkMonitor network;
    private final SessionProtocol protocol;
    private final ClientCallbacks callbacks;
    private final Telemetry telemetry;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;

    private final SharedQueue queue;
    private final Backpressure backpressure;
    private final long inboundLimit;
    private final boolean manualAcks;
    private final AtomicLong inboundCost = new AtomicLong();
    private final HandledSignal handled;
    private final boolean ownThreads;
    /** What the listener was told and is not released yet. Confined to the callbacks. */
    private long toldCost;

    private volatile ClientState state = ClientState.IDLE;
    private volatile long roundTripNanos = -1;

    // Confined to the serial context.
    private final SessionMachine machine;
    private final Performer performer = new Performer();
    private final Panic panic;
    /** Of what is read, how much goes on to the application and is released when that is done with it. */
    private long costPassedOn;

    private @Nullable Connection connection;
    private @Nullable Connection candidate;
    private NetworkMonitor.@Nullable Registration watch;
    private @Nullable NetworkChanges changes;
    private @Nullable Scheduled timer;
    /** What the timer is for; it may be set for {@link #wakeAt}, which is earlier. */
    private long timerAt = SessionMachine.NEVER;

    private long wakeAt = SessionMachine.NEVER;
    private long timerGeneration;
    /** How far elapsed time was ahead of the ticker at the last event. Connections count by the ticker. */
    private long elapsedAhead;

    /** The same, to a second, for other threads: when the timer was set. */
    private volatile long noticedAhead;

    /** Set with {@link #connection}; read by whoever makes room for more to be read. */
    private volatile @Nullable Connection reading;

    /**
     * A driver of a machine in its first state.
     *
     * @param requests the opening handshake of each attempt
     * @param credentials null where the settings say that there is none
     * @param inboundLimit bytes that may wait for the application before reading stops
     * @param manualAcks whether the application says when it is done with a message, see {@link #handled}; when it has
     *     been told otherwise
     * @param callbackExecutor where the application is called; null for the I/O executor
     */
    public SessionDriver(
            Environment environment,
            Transport transport,
            Function<Attempt, Request> requests,
            @Nullable CredentialProvider credentials,
            NetworkMonitor network,
            SessionProtocol protocol,
            SessionSettings settings,
            OutboundQueue queue,
            long inboundLimit,
            boolean manualAcks,
            @Nullable Executor callbackExecutor,
            ClientCallbacks callbacks,
            Telemetry telemetry) {
        this.environment = environment;
        this.transport = transport;
        this.requests = requests;
        this.credentials = credentials;
        this.network = network;
        this.protocol = protocol;
        this.callbacks = callbacks;
        this.telemetry = telemetry;
        this.queue = new SharedQueue(queue, new QueueEvents());
        this.inboundLimit = inboundLimit;
        this.manualAcks = manualAcks;
        this.ownThreads = callbackExecutor == null;
        this.handled = new HandledSignal(environment.ticker);
        Executor willing = new WillingExecutor(environment.io, environment.lastResort);
        this.serial = new SerialContext(willing, this::panic);
        this.dispatcher = new ListenerDispatcher(
                callbackExecutor != null ? callbackExecutor : environment.io,
                callbackExecutor != null,
                willing,
                callbackExecutor != null ? refusal -> cancel() : refusal -> serial.post(() -> ioRefused(refusal)),
                this::tell,
                this::afterTold);
        this.panic = new Panic(performer, this.queue);
        this.backpressure = new Backpressure(this.queue, serial, dispatcher, this::mustNotWait, callbacks);
        this.machine = new SessionMachine(settings, environment.jitter, this.queue);
        this.elapsedAhead = environment.elapsed.nanos() - environment.ticker.nanos();
        this.noticedAhead = elapsedAhead;
    }

    // ---- the application's side ----

    public void connect() {
        post(machine::connect);
    }

    public void connectNow() {
        post(machine::connectNow);
    }

    public void disconnect() {
        post(machine::disconnect);
    }

    public void close() {
        queue.close();
        post(machine::close);
    }

    public void cancel() {
        queue.close();
        post(now -> machine.cancel());
    }

    /**
     * Returns null where the message is taken, or else how it ended.
     *
     * @throws IllegalStateException if it may have to wait for room, on a thread that must not
     */
    public @Nullable Outcome send(Outbound message) {
        if (queue.blocks()) {
            if (dispatcher.isCallbackThread() || telemetry.isReporting()) {
                throw new IllegalStateException("send that may block, on a thread of the callback executor");
            }
            if (AndroidMainThread.isCurrent()) {
                throw new IllegalStateException("send that may block, on Android's main thread");
            }
        }
        boolean expires = message.options().expireAfterNanos() > 0;
        if (expires) message.sentAt(environment.elapsed.nanos());
        Outcome refused = queue.offer(message);
        // The timer may be set for a time before the sleep that this one was sent after.
        if (expires && environment.elapsed.nanos() - environment.ticker.nanos() - noticedAhead > SOON_NANOS)
            queue.look();
        return refused;
    }

    /** Takes a message back that still waits, and ends it. Returns false where it waits no more. */
    public boolean recall(Outbound message) {
        return queue.recall(message);
    }

    /** Returns whether a wait on this thread for what comes on the callback executor, or before it, would never end. */
    public boolean mustNotWait() {
        return dispatcher.waitsForThisThread() || telemetry.isReporting();
    }

    /** Marks a message not to be sent again, if it left the queue and would be. Returns whether it did. */
    public boolean giveUp(Outbound message) {
        if (!protocol.isResumable() || !queue.hasLeft(message)) return false;
        message.giveUp();
        return true;
    }

    /** Completes on the callback executor when the queue takes more without pressure; cancelled when the client ends. */
    public CompletableFuture<Void> writable() {
        return backpressure.writable();
    }

    /** Payload bytes taken by {@link #send} and not yet in a socket, nor ended. */
    public long bufferedAmount() {
        return queue.bufferedAmount();
    }

    /** The largest message that could ever be taken. */
    public long queueLimit() {
        return queue.maxBytes();
    }

    /** See {@link SessionMachine#standing}. */
    public void standing(String name, Supplier<Outbound> message) {
        post(now -> machine.standing(name, message, now));
    }

    public void withdraw(String name) {
        post(now -> machine.withdraw(name));
    }

    /**
     * Completes on the callback executor with what {@code make} makes, in the serial context, of {@link
     * SessionMachine#snapshot} and of what waits.
     */
    public <T> CompletableFuture<T> snapshot(BiFunction<@Nullable Snapshot, List<Outbound>, T> make) {
        CallbackFuture<T> future = new CallbackFuture<>(this::mustNotWait);
        serial.post(() -> {
            dispatcher.release();
            try {
                T made = make.apply(panic.isOver() ? null : machine.snapshot(), queue.waiting());
                dispatcher.postEnd(() -> future.complete(made));
            } catch (Throwable t) {
                dispatcher.postEnd(() -> future.completeExceptionally(t));
                throw t;
            }
        });
        return future;
    }

    /** Takes up the session of another process. Before anything else. */
    public void restore(Snapshot snapshot, List<Outbound> waiting) {
        snapshot.unacknowledged.forEach(queue::restoreTaken);
        machine.restore(snapshot);
        queue.restore(waiting);
    }

    /** What was counted; each number is right, but they are not of one moment. */
    public Map<Counter, Long> counts() {
        Map<Counter, Long> counts = telemetry.counts();
        counts.put(Counter.MESSAGES_SENT, queue.level().taken);
        return counts;
    }

    /** Messages that wait in the queue. */
    public int queuedMessages() {
        return queue.level().messages;
    }

    /** Their payload bytes. */
    public long queuedBytes() {
        return queue.level().bytes;
    }

    public ClientState state() {
        return state;
    }

    /** The round-trip time of the newest answered ping in nanoseconds, -1 before the first. */
    public long roundTripNanos() {
        return roundTripNanos;
    }

    // ---- the serial context ----

    private interface TimedEvent {
        List<Effect> apply(long now);
    }

    private void post(TimedEvent event) {
        serial.post(() -> perform(event));
    }

    private void perform(TimedEvent event) {
        try {
            run(event);
        } finally {
            dispatcher.release();
        }
    }

    private void run(TimedEvent event) {
        if (panic.isOver()) return;
        long now = now();
        if (panic.isOver()) return;
        perform(event.apply(now));
        settle(now);
    }

    private void perform(List<Effect> effects) {
        Throwable thrown = null;
        ApplicationFault fault = null;
        for (int i = 0; i < effects.size(); i++) {
            try {
                effects.get(i).perform(performer);
            } catch (ApplicationFault e) {
                Uncaught.report(e.thrown());
                fault = e;
                // What follows without this message the server could misread.
                performer.mute = true;
            } catch (Throwable t) {
                // The machine believes that it was done. The effects behind it must be: among them are ends of
                // messages.
                if (thrown == null) {
                    thrown = t;
                } else if (thrown != t) {
                    thrown.addSuppressed(t);
                }
            }
        }
        effects.clear();
        performer.mute = false;
        if (thrown != null) {
            panic(thrown);
        } else if (fault != null) {
            Throwable cause = fault.thrown();
            perform(machine.onApplicationFault(cause, environment.elapsed.nanos()));
        }
    }

    /** Nothing in the SDK expects this exception, and the machine can't be trusted any more. */
    private void panic(Throwable thrown) {
        // The listener is not called, or the client has ended either way.
        if (panic.isOver() || performer.closedReported || dispatcher.isRefused()) Uncaught.report(thrown);
        if (panic.isOver()) return;
        panic.end(thrown, performer.closedReported);
        Scheduled set = timer;
        timer = null;
        if (set != null) set.cancel();
    }

    /** The I/O executor refused to run callbacks, and so may refuse whatever comes next. */
    private void ioRefused(Throwable refusal) {
        // All callbacks come in any case, those of the end among them.
        if (!panic.isOver() && !performer.closedReported) panic(refusal);
    }

    /** What follows from a change of the machine, or from many at once. */
    private void settle(long now) {
        if (panic.isOver()) return;
        armTimer(now);
        backpressure.update();
        telemetry.queue(queue);
        if (handled.update(machine.isAckDue())) serial.execute(this::lookAtHandled);
    }

    private void armTimer(long now) {
        long next = machine.nextTimer();
        if (next == timerAt) return;
        if (next > timerAt && next != SessionMachine.NEVER) {
            // One that is set for soon is left: if it comes for nothing it is set anew, which is rarer than moving it.
            if (timerAt - now < SOON_NANOS) return;
        }
        forgetTimer();
        long generation = ++timerGeneration;
        if (next == SessionMachine.NEVER) return;
        long at = environment.elapsed.nanos();
        long delay = Math.max(0, next - at);
        if (machine.waitsForAttempt()) delay = Math.min(delay, MAX_BLIND_WAIT_NANOS);
        // If this throws, there is no other way to be woken, and the client ends.
        timer = environment.scheduler.schedule(() -> serial.post(() -> onTimer(generation)), delay);
        timerAt = next;
        wakeAt = at + delay;
    }

    private void forgetTimer() {
        if (timer != null) timer.cancel();
        timer = null;
        timerAt = SessionMachine.NEVER;
        wakeAt = SessionMachine.NEVER;
    }

    private void onTimer(long generation) {
        // One that was cancelled too late.
        if (generation != timerGeneration || panic.isOver()) return;
        perform(now -> {
            forgetTimer();
            return timerEvent(now);
        });
    }

    private List<Effect> timerEvent(long now) {
        Connection current = connection;
        if (current != null) machine.controlFrameHeard(current.lastControlFrameAt() + elapsedAhead);
        return machine.onTimer(
                now,
                current == null ? now : lastInboundAt(current, now),
                current == null ? now : current.lastOutboundAt() + elapsedAhead);
    }

    /** A connection whose reading is stopped says the time now, which must not look earlier than {@code now}. */
    private long lastInboundAt(Connection current, long now) {
        long asked = environment.ticker.nanos();
        long at = current.lastInboundAt();
        return at < asked ? at + elapsedAhead : Math.max(now, at + elapsedAhead);
    }

    /** Returns the time of an event, after everything that came due while the process did not run is done. */
    private long now() {
        long now = environment.elapsed.nanos();
        long ahead = now - environment.ticker.nanos();
        long suspended = Math.max(ahead - elapsedAhead, now - wakeAt);
        if (Math.abs(ahead - elapsedAhead) > READING_NANOS) elapsedAhead = ahead;
        if (Math.abs(ahead - noticedAhead) > SOON_NANOS) {
            noticedAhead = ahead;
            forgetTimer();
        }
        if (suspended > SUSPENSION_NANOS) resume(suspended, now);
        return now;
    }

    private void resume(long suspended, long now) {
        forgetTimer();
        telemetry.suspended(suspended);
        perform(machine.onSuspended(now));
        if (!panic.isOver()) perform(timerEvent(now));
    }

    /** The network is watched only while it matters. The monitor may be the application's: its faults end nothing. */
    private void watchNetwork(boolean matters) {
        Uncaught.run(() -> watchNetworkIf(matters));
    }

    private void watchNetworkIf(boolean matters) {
        if (!matters) {
            NetworkMonitor.Registration old = watch;
            watch = null;
            if (changes != null) changes.over = true;
            changes = null;
            if (old != null) old.close();
        } else if (watch == null) {
            changes = new NetworkChanges();
            watch = network.watch(changes);
        }
    }

    /**
     * Reports changes to the machine, but not that the network is available when a watch begins: it assumes so. What is still on
     * its way when a watch ends is dropped.
     */
    private final class NetworkChanges implements NetworkMonitor.Listener {
        private volatile boolean begun;
        /** Confined to the serial context. */
        private boolean over;

        @Override
        public void onAvailable() {
            if (begun) report(machine::onNetworkAvailable);
            begun = true;
        }

        @Override
        public void onLost() {
            begun = true;
            report(machine::onNetworkLost);
        }

        @Override
        public void onChanged() {
            begun = true;
            report(machine::onNetworkChanged);
        }

        private void report(TimedEvent change) {
            post(now -> over ? Collections.emptyList() : change.apply(now));
        }
    }

    /** On an I/O thread, since the supplier is the application's and may take a while. */
    private void ask(long question, CredentialProvider.Reason reason) {
        try {
            if (credentials == null) throw new IllegalStateException("no supplier");
            credentials.credential(reason).whenComplete((credential, failure) -> {
                if (credential != null) {
                    post(now -> machine.onCredential(question, credential, now));
                } else {
                    noCredential(question, failure);
                }
            });
        } catch (Throwable e) {
            noCredential(question, e);
        }
    }

    /** The exception's own words may hold what is no one's business; they are its cause. */
    private void noCredential(long question, @Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = "no credential: "
                + (cause == null ? "the supplier gave none" : cause.getClass().getSimpleName());
        post(now -> machine.onCredentialFailed(question, message, cause, now));
    }

    /** The outbound queue's changes, on whatever thread they are made. */
    private final class QueueEvents implements SharedQueue.Owner {
        @Override
        public void onChanged() {
            serial.post(() -> {
                queue.seen();
                perform(machine::onQueueChanged);
            });
        }

        @Override
        public void onEnded(Outbound message, Outcome outcome) {
            Runnable rest = callbacks.onEnded(message, outcome);
            // Not from here: this is a thread of the application's, which its executor may not expect.
            if (rest != null) serial.post(() -> dispatcher.postEnd(rest));
        }
    }

    // ---- bytes that wait for the application ----

    private void inboundTaken(long cost, @Nullable Connection from) {
        if (inboundCost.addAndGet(cost) <= inboundLimit || from == null) return;
        from.setReading(false);
        // Room may have been made in between by one who did not see that reading had stopped.
        if (inboundCost.get() <= inboundLimit / 2) from.setReading(true);
    }

    private void inboundReleased(long cost) {
        long left = inboundCost.addAndGet(-cost);
        Connection from = reading;
        if (from != null && left <= inboundLimit / 2 && left + cost > inboundLimit / 2) from.setReading(true);
    }

    /** The application is done with the message. To be called once for each. */
    public void handled(Inbound message) {
        inboundReleased(message.cost() + MESSAGE_COST);
        if (isLookDue(message, false)) serial.post(this::lookAtHandled);
    }

    private boolean isLookDue(Inbound message, boolean moreFollow) {
        message.markHandled();
        return protocol.isResumable() && handled.add(message.cost(), moreFollow);
    }

    private void tell(Inbound message) {
        try {
            callbacks.onMessage(message);
        } finally {
            if (!manualAcks) told(message);
        }
    }

    private void told(Inbound message) {
        toldCost += message.cost() + MESSAGE_COST;
        if (toldCost > inboundLimit / TOLD_SHARE) releaseTold();
        if (isLookDue(message, true)) askForLook();
    }

    private void askForLook() {
        if (ownThreads) {
            serial.execute(this::lookAtHandled);
        } else {
            serial.post(this::lookAtHandled);
        }
    }

    /** The listener has been told of some that came together. */
    private void afterTold() {
        releaseTold();
        if (handled.isLookDue()) askForLook();
    }

    private void releaseTold() {
        if (toldCost == 0) return;
        inboundReleased(toldCost);
        toldCost = 0;
    }

    private void lookAtHandled() {
        handled.looking();
        perform(machine::onHandled);
    }

    /** The events of connection {@code number}, on its I/O threads. */
    private final class ConnectionEvents implements ConnectionListener {
        private final long number;
        private volatile @Nullable Connection connection;
        /** What has come since this was last told to the machine. The reader's. */
        private @Nullable Readings readings;

        ConnectionEvents(long number) {
            this.number = number;
        }

        private void execute(TimedEvent event) {
            serial.execute(() -> perform(event));
        }

        private void read(SessionEvent event, int payload) {
            Readings together = readings;
            if (together == null) {
                together = new Readings();
                readings = together;
            }
            together.events.add(event);
            together.cost += payload + MESSAGE_COST;
            if (together.events.size() == MAX_READ || together.cost > inboundLimit / TOLD_SHARE) tellRead();
        }

        private void tellRead() {
            Readings together = readings;
            if (together == null) return;
            readings = null;
            inboundTaken(together.cost, connection);
            serial.execute(together);
        }

        /** Messages from the server that came together, on their way through the machine. */
        private final class Readings implements Runnable {
            final List<SessionEvent> events = new ArrayList<>();
            long cost;

            @Override
            public void run() {
                costPassedOn = 0;
                try {
                    if (panic.isOver()) return;
                    long now = now();
                    for (int i = 0; i < events.size() && !panic.isOver(); i++) {
                        perform(events.get(i).apply(machine, number, now));
                    }
                    settle(now);
                } finally {
                    if (cost != costPassedOn) inboundReleased(cost - costPassedOn);
                    dispatcher.release();
                }
            }
        }

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
            execute(now -> {
                telemetry.opened(number);
                return machine.onOpen(number, opened.areSecretsWithheld(), now);
            });
        }

        @Override
        public @Nullable FrameObserver frameObserver() {
            return telemetry.frames(number);
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            read(protocol.readText(text), text.size());
        }

        @Override
        public void onBinary(ByteString bytes) {
            read(protocol.readBinary(bytes), bytes.size());
        }

        @Override
        public void onWaiting() {
            tellRead();
        }

        @Override
        public void onPong(ByteString payload) {
            if (payload.size() != Long.BYTES) return;
            tellRead();
            long nonce = payload.asByteBuffer().getLong();
            execute(now -> machine.onPong(number, nonce, now));
        }

        @Override
        public void onWritten(int messages) {
            execute(now -> machine.onWritten(number, messages, now));
        }

        @Override
        public void onPingWritten() {
            execute(now -> {
                telemetry.pingWritten();
                return machine.onPingWritten(number, now);
            });
        }

        /** The session is done with a connection that nobody reads: the machine drops what else this one tells. */
        @Override
        public void onClosing(CloseStatus status) {
            onClosed(status);
        }

        @Override
        public void onClosed(CloseStatus status) {
            CloseReason reason = new CloseReason(status.code(), status.reason());
            Loss loss = Loss.closed(Phase.SESSION, status.code(), status.reason());
            execute(now -> {
                telemetry.ended(number, loss.message());
                return machine.onClosed(number, reason, silent(loss, now), now);
            });
        }

        @Override
        public void onFailed(TransportException failure) {
            String message = String.valueOf(failure.getMessage());
            Loss loss = failure.httpStatus() != 0
                    ? Loss.refused(message, failure.httpStatus(), failure.retryAfterNanos(), failure)
                    : failure.isViolation()
                            ? Loss.violation(failure.phase(), message, failure)
                            : Loss.of(failure.phase(), message, failure);
            execute(now -> {
                telemetry.ended(number, message);
                return machine.onFailed(number, silent(loss, now), now);
            });
        }

        private Loss silent(Loss loss, long now) {
            return loss.withSilence(since(Connection::lastInboundAt, now), since(Connection::lastOutboundAt, now));
        }

        private long since(ToLongFunction<Connection> moment, long now) {
            Connection mine = connection;
            return mine == null ? 0 : Math.max(0, now - elapsedAhead - moment.applyAsLong(mine));
        }
    }

    /** Performs the machine's effects. Confined to the serial context. */
    private final class Performer implements Effects, SessionProtocol.Wire {
        /** Whether the application knows of the end, or is about to. */
        boolean closedReported;
        /** Nothing more goes to the current connection in this turn: a message could not be made. */
        boolean mute;

        @Override
        public void openConnection(Attempt attempt) {
            connection = open(attempt);
            reading = connection;
        }

        @Override
        public void openCandidate(Attempt attempt) {
            telemetry.handoverBegun(attempt.connection());
            candidate = open(attempt);
        }

        private @Nullable Connection open(Attempt attempt) {
            ConnectionEvents events = new ConnectionEvents(attempt.connection());
            try {
                Request request = requests.apply(attempt);
                telemetry.attempt(attempt.connection(), request.url().host());
                return transport.open(request, events);
            } catch (Throwable e) {
                // Nothing was asked of the network yet: the application's event listener factory or an old OkHttp.
                events.onFailed(TransportException.thrown(Phase.UPGRADE, e));
                return null;
            }
        }

        @Override
        public void promoteCandidate() {
            connection = candidate;
            candidate = null;
            reading = connection;
            telemetry.promoted();
        }

        @Override
        public void dropCandidate() {
            if (candidate != null) candidate.cancel();
            candidate = null;
            telemetry.dropped();
        }

        @Override
        public void askCredential(long question, CredentialProvider.Reason reason) {
            try {
                environment.io.execute(() -> ask(question, reason));
            } catch (Throwable e) {
                noCredential(question, e);
            }
        }

        @Override
        public void sendAuth(String auth) {
            protocol.writeAuth(auth, this);
        }

        private Connection current() {
            Connection current = connection;
            if (current == null) throw new IllegalStateException("no connection");
            return current;
        }

        @Override
        public void text(String text, long utf8Length) {
            if (!mute) current().sendText(text, utf8Length);
        }

        @Override
        public void binary(ByteString bytes) {
            if (!mute) current().sendBinary(bytes);
        }

        @Override
        public void sendOpen(Open open) {
            protocol.writeOpen(open, this);
        }

        @Override
        public void sendMessage(Outbound message) {
            if (mute) return;
            telemetry.handedOver(message);
            protocol.writeMessage(message, this);
        }

        @Override
        public void sendBatch(List<Outbound> messages) {
            if (mute) return;
            messages.forEach(telemetry::handedOver);
            protocol.writeBatch(messages, this);
        }

        @Override
        public void sendAck(String last) {
            protocol.writeAck(last, this);
        }

        @Override
        public void sendBye() {
            protocol.writeBye(this);
        }

        @Override
        public void sendPing(long nonce) {
            if (!mute) current().sendPing(new Buffer().writeLong(nonce).readByteString());
        }

        @Override
        public void closeConnection(int code, String reason) {
            current().close(CloseStatus.of(code, shortened(reason)));
        }

        /** What we say may quote the server, at any length. */
        private String shortened(String reason) {
            return reason.length() <= CLOSE_REASON_CHARACTERS
                    ? reason
                    : reason.substring(0, CLOSE_REASON_CHARACTERS) + CUT;
        }

        @Override
        public void cancelConnection() {
            if (connection != null) connection.cancel();
        }

        @Override
        public void deliver(Inbound message) {
            telemetry.received(message);
            costPassedOn += message.cost() + MESSAGE_COST;
            dispatcher.gather(message);
        }

        @Override
        public void standingSent(Outbound message) {
            queue.buffer(message);
        }

        @Override
        public void written(Outbound message) {
            telemetry.written(message);
            queue.unbuffer(message);
            postEnd(callbacks.onWritten(message));
        }

        @Override
        public void ended(Outbound message, Outcome outcome) {
            settle(message);
            if (outcome.kind() == Outcome.Kind.ACKNOWLEDGED) telemetry.acknowledged();
            postEnd(callbacks.onEnded(message, outcome));
            queue.ended(message);
        }

        /** Behind the messages that came before. */
        private void post(Runnable callback) {
            dispatcher.release();
            dispatcher.post(callback);
        }

        private void postEnd(@Nullable Runnable rest) {
            if (rest == null) return;
            dispatcher.release();
            dispatcher.postEnd(rest);
        }

        @Override
        public void rejected(Outbound message, Outcome outcome, Inbound place) {
            settle(message);
            costPassedOn += place.cost() + MESSAGE_COST;
            Runnable rest = callbacks.onEnded(message, outcome);
            queue.ended(message);
            dispatcher.release();
            dispatcher.postEnd(() -> {
                if (rest != null) rest.run();
                told(place);
                afterTold();
            });
        }

        /** One that was not handed over the queue no longer counts. */
        private void settle(Outbound message) {
            if (message.isHandedOver() && !message.isWritten()) queue.unbuffer(message);
        }

        @Override
        public void stateChanged(ClientState next) {
            if (next == state) return;
            state = next;
            telemetry.state(next);
            watchNetwork(next != ClientState.IDLE && next != ClientState.CLOSED);
            post(() -> callbacks.onState(next));
        }

        @Override
        public void connectionFailed(Loss loss, Decision decision) {
            telemetry.failed(loss, decision);
            post(() -> callbacks.onConnectionFailure(loss, decision));
        }

        @Override
        public void sessionLost(LostSession session) {
            telemetry.sessionLost(session.reason, session.unknown.size());
            post(() -> callbacks.onSessionLost(session));
        }

        @Override
        public void sessionOpened(boolean resumed, long replayed) {
            telemetry.sessionOpened(resumed, replayed);
        }

        @Override
        public void duplicateDropped() {
            telemetry.duplicate();
        }

        @Override
        public void roundTripTime(long nanos) {
            roundTripNanos = nanos;
            telemetry.roundTripTime(nanos);
        }

        @Override
        public void ackOverdue(Outbound oldest, long ageNanos) {
            telemetry.ackOverdue(oldest, ageNanos);
        }

        @Override
        public void closed(CloseReason reason) {
            closedReported = true;
            backpressure.end();
            post(() -> callbacks.onClosed(reason));
        }
    }
}

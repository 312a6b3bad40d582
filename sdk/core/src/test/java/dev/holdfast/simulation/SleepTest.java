package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Delivery;
import dev.holdfast.EventsRecorder;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/**
 * A client's reaction to the sleep of its device. The ticker and the scheduler stand still meanwhile, so every
 * {@code pass} here is time awake.
 */
class SleepTest {
    private static final String LIVE = "{\"t\":\"live\"}";
    private static final SendOptions HALF_A_MINUTE = SendOptions.defaults().withExpiry(Duration.ofSeconds(30));
    private static final long HOUR = World.seconds(3600);

    private final World world = new World(1);
    private final List<String> arrived = new ArrayList<>();
    private final SimTransport transport = new SimTransport(world, new Greeter());
    private final EventsRecorder events = new EventsRecorder();
    private final List<CredentialProvider.Reason> asked = new ArrayList<>();
    /** By how much somebody has set the time of day. */
    private long set;

    private HoldfastClientBuilder builder() {
        Environment environment = new Environment(
                world.ticker,
                () -> world.wall.nanos() + set,
                world.scheduler,
                world.threads,
                new Random(1),
                new Random(1),
                transport);
        return builder(environment);
    }

    private HoldfastClientBuilder builder(Environment environment) {
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1))
                        .withoutJitter())
                .addEventListener(events);
    }

    /** With a delay of a minute, of which a second has passed. */
    private HoldfastClient toldToWait(HoldfastClientBuilder builder) {
        transport.weather = SimTransport.Weather.UNAVAILABLE;
        transport.retryAfter = World.seconds(60);
        HoldfastClient client = builder.build();
        client.connect();
        pass(1);
        assertEquals(ClientState.WAITING, client.state());
        transport.weather = SimTransport.Weather.FAIR;
        return client;
    }

    private HoldfastClient open(HoldfastClientBuilder builder) {
        HoldfastClient client = builder.build();
        client.connect();
        pass(2);
        assertEquals(ClientState.OPEN, client.state());
        return client;
    }

    // ---- what elapsed time is counted for ----

    @Test
    void messageExpiresWhileTheDeviceSleeps() {
        HoldfastClient client = toldToWait(builder());
        Delivery old = client.send("old", HALF_A_MINUTE);
        pass(1);
        world.sleep(HOUR);
        Delivery fresh = client.send("fresh", HALF_A_MINUTE);
        pass(16);
        assertEquals(Outcome.Kind.EXPIRED, old.outcome().getNow(null).kind());
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(List.of("fresh"), arrived);
        assertTrue(fresh.written().isDone());
    }

    @Test
    void messageSentRightAfterAWakeUpIsFresh() {
        HoldfastClient client = open(builder());
        world.sleep(HOUR);
        client.send("fresh", HALF_A_MINUTE);
        pass(1);
        assertEquals(List.of("fresh"), arrived);
    }

    @Test
    void messageExpiresInAQueueThatNothingElseLooksAt() {
        HoldfastClient client = builder().build();
        Delivery old = client.send("old", HALF_A_MINUTE);
        pass(1);
        world.sleep(HOUR);
        client.connect();
        pass(2);
        assertEquals(Outcome.Kind.EXPIRED, old.outcome().getNow(null).kind());
        assertEquals(List.of(), arrived);
    }

    /** Nothing but the two messages wakes an idle client, and its timer was set before the sleep. */
    @Test
    void messageSentAfterAWakeUpExpiresInTimeAsThoseBefore() {
        HoldfastClient client = builder().build();
        Delivery before = client.send("before", SendOptions.defaults().withExpiry(Duration.ofSeconds(100)));
        pass(1);
        world.sleep(World.seconds(60));
        Delivery after = client.send("after", SendOptions.defaults().withExpiry(Duration.ofSeconds(60)));
        pass(38);
        assertFalse(before.outcome().isDone());
        pass(2);
        assertEquals(Outcome.Kind.EXPIRED, before.outcome().getNow(null).kind());
        pass(19);
        assertFalse(after.outcome().isDone());
        pass(2);
        assertEquals(Outcome.Kind.EXPIRED, after.outcome().getNow(null).kind());
    }

    @Test
    void credentialThatExpiredIsNotUsedAgain() {
        HoldfastClient client = open(builder().credentialProvider(fiveMinutes()));
        client.disconnect();
        pass(2);
        world.sleep(HOUR);
        client.connect();
        pass(2);
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(List.of(CredentialProvider.Reason.FIRST, CredentialProvider.Reason.RECONNECT), asked);
    }

    @Test
    void credentialInUseIsRenewedAfterAWakeUp() {
        HoldfastClient client = open(builder().credentialProvider(fiveMinutes()));
        world.sleep(HOUR);
        client.send("anything");
        pass(1);
        assertEquals(List.of(CredentialProvider.Reason.FIRST, CredentialProvider.Reason.EXPIRING), asked);
    }

    @Test
    void attemptWithACredentialThatExpiredMeanwhileIsGivenUp() {
        transport.weather = SimTransport.Weather.SILENT;
        HoldfastClient client = builder().credentialProvider(fiveMinutes()).build();
        client.connect();
        pass(1);
        assertEquals(1, transport.attempts.size());
        transport.weather = SimTransport.Weather.FAIR;
        world.sleep(HOUR);
        client.send("anything");
        pass(3);
        assertTrue(events.take().toString().contains("CREDENTIAL, credential expired before the connection was open"));
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(List.of(CredentialProvider.Reason.FIRST, CredentialProvider.Reason.RECONNECT), asked);
    }

    @Test
    void providerThatSleptTooHasTimeToAnswer() {
        List<CompletableFuture<Credential>> answers = new ArrayList<>();
        HoldfastClient client = builder()
                .credentialProvider(reason -> {
                    answers.add(new CompletableFuture<>());
                    return answers.get(answers.size() - 1);
                })
                .build();
        client.connect();
        pass(1);
        world.sleep(HOUR);
        client.send("anything");
        pass(1);
        answers.get(0).complete(Credential.bearer("token"));
        pass(1);
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(1, answers.size());
    }

    @Test
    void whatTheServerAskedForPassesWhileTheDeviceSleeps() {
        HoldfastClient client = toldToWait(builder());
        world.sleep(HOUR);
        pass(16);
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(2, transport.attempts.size());
    }

    /** 60 s and a second of backoff. */
    @Test
    void whatTheServerAskedForIsKeptIfTheSleepWasShorter() {
        HoldfastClient client = toldToWait(builder());
        world.sleep(World.seconds(20));
        pass(16);
        assertTrue(events.take().contains("suspended for 20 s"));
        pass(23);
        assertEquals(1, transport.attempts.size());
        pass(3);
        assertEquals(2, transport.attempts.size());
        assertEquals(ClientState.OPEN, client.state());
    }

    @Test
    void backoffPassesWhileTheDeviceSleeps() {
        transport.weather = SimTransport.Weather.REFUSED;
        HoldfastClient client = builder()
                .backoff(Backoff.exponential(Duration.ofMinutes(10), Duration.ofMinutes(10))
                        .withoutJitter())
                .build();
        client.connect();
        pass(1);
        transport.weather = SimTransport.Weather.FAIR;
        world.sleep(HOUR);
        pass(16);
        assertEquals(ClientState.OPEN, client.state());
    }

    @Test
    void timeAsleepIsNoTimeOfFailing() {
        transport.weather = SimTransport.Weather.REFUSED;
        HoldfastClient client = builder()
                .reconnectPolicy(ReconnectPolicy.standard().withGiveUpAfter(Duration.ofMinutes(10)))
                .build();
        client.connect();
        pass(2);
        world.sleep(HOUR);
        pass(60);
        transport.weather = SimTransport.Weather.FAIR;
        pass(3);
        assertEquals(ClientState.OPEN, client.state());
    }

    @Test
    void idleClientKeepsNoTimer() {
        HoldfastClient client = open(builder());
        client.disconnect();
        pass(60);
        assertFalse(world.step(world.now() + HOUR), "something was still to be done");
    }

    // ---- what is no sleep ----

    @Test
    void stepsOfTheTimeOfDayCountForNothing() {
        HoldfastClient client = toldToWait(builder());
        Delivery waiting = client.send("waiting", SendOptions.defaults().withExpiry(Duration.ofSeconds(100)));
        pass(1);
        for (long step : new long[] {3, 3, 4, -3600, 4, 4, -5, 5}) {
            set += World.seconds(step);
            client.metrics();
            client.onSessionStart("look", "at the clock");
            pass(1);
        }
        assertEquals(1, transport.attempts.size());
        assertFalse(waiting.outcome().isDone());
        assertFalse(events.take().toString().contains("suspended"));
        pass(52);
        assertEquals(2, transport.attempts.size());
    }

    // ---- a process that is stopped ----

    /** The stop falls between two readings of a clock: in the middle of an event or between two events. */
    @Test
    void stoppedProcessIsReportedAtMostOnceWhereverItStops() {
        int reported = 0;
        for (int reading = 1; reading <= 100; reading++) reported += new SleepTest().reportsOfAStopAfter(reading);
        assertTrue(reported > 20, "stops between two events are noticed");
    }

    /** Returns how often a stop of six seconds is reported that follows this reading of a clock. */
    private int reportsOfAStopAfter(int reading) {
        int[] readings = {0};
        long[] stoppedUntil = {0};
        Ticker stopping = () -> {
            long now = Math.max(world.now(), stoppedUntil[0]);
            if (++readings[0] == reading) {
                stoppedUntil[0] = now + World.seconds(6);
                world.freeze(World.seconds(6));
            }
            return now;
        };
        Environment environment = new Environment(
                stopping, stopping, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        HoldfastClient client = builder(environment)
                .heartbeat(Heartbeat.every(Duration.ofMillis(500)).withDeadline(Duration.ofSeconds(3)))
                .build();
        client.connect();
        for (int i = 0; i < 15; i++) {
            pass(1);
            client.send("hello");
        }
        String told = events.take().toString();
        int times = told.split("suspended for", -1).length - 1;
        assertTrue(times <= 1, () -> "a stop after reading " + reading + ": " + told);
        return times;
    }

    // ---- with a clock of the application's ----

    /** No time of day, and short naps count as well. */
    @Test
    void clockOfTheApplicationIsTakenAtItsWord() {
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        HoldfastClient client = toldToWait(builder(environment).elapsedClock(() -> world.wall.nanos() - HOUR));
        Delivery waiting = client.send("waiting", HALF_A_MINUTE);
        for (int i = 0; i < 7; i++) {
            world.sleep(World.seconds(3));
            pass(1);
        }
        assertFalse(waiting.outcome().isDone());
        world.sleep(World.seconds(3));
        pass(15);
        assertEquals(Outcome.Kind.EXPIRED, waiting.outcome().getNow(null).kind());
        world.sleep(HOUR);
        pass(15);
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(List.of(), arrived);
    }

    /** Two clocks that are read one after the other never agree, which must not postpone what is judged by both. */
    @Test
    void deadlineOfSilenceIsKeptThoughReadingTheClocksTakesTime() {
        open(builder().elapsedClock(world.elapsed::nanos).heartbeat(Heartbeat.serverPings(Duration.ofSeconds(5))));
        pass(4);
        assertTrue(events.take().toString().contains("no sign of life"), "the silent server is not missed");
    }

    private CredentialProvider fiveMinutes() {
        return reason -> {
            asked.add(reason);
            return CompletableFuture.completedFuture(
                    Credential.bearer("token " + asked.size()).withLifetime(Duration.ofMinutes(5)));
        };
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    /** Takes everybody in, and writes down what they say. */
    private final class Greeter implements SimServer {
        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            if (text.contains("\"t\":\"open\"")) {
                boolean resumed = text.contains("\"sid\"");
                connection.serverSends(
                        Item.text("{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"last\":\"e-0\",\"c\":0,"
                                + "\"ttl\":1000,\"resumed\":" + resumed + ",\"reason\":\"new\"}"));
                connection.serverSends(Item.text(LIVE));
            } else if (text.contains("\"t\":\"msg\"")) {
                arrived.add(text.replaceAll(".*\"d\":\"(.*)\".*", "$1"));
            }
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {}

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}

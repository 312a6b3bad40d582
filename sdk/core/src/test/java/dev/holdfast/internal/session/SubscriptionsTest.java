package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.RateLimit;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Subscriptions of a protocol without an opening exchange, and with one that the client begins. */
class SubscriptionsTest extends MachineRig {
    private static final long TIMEOUT = 5 * SECOND;

    @BeforeEach
    void aSessionWithoutAnOpeningExchange() {
        machine = machine(settings(false, null, 1_000));
    }

    /** A subscription whose packets name it and its cursor. */
    private static final class Topic implements Subscription {
        final String name;
        final boolean acknowledged;
        static long ackIds;
        boolean over;
        boolean endsWithAnswer;

        @Nullable
        Payload instead;

        Topic(String name, boolean acknowledged) {
            this.name = name;
            this.acknowledged = acknowledged;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public boolean endsWithAnswer() {
            return endsWithAnswer;
        }

        @Override
        public Packet start(@Nullable String cursor) {
            if (name.equals("broken")) throw new IllegalArgumentException("no arguments");
            String text = "+" + name + (cursor == null ? "" : " after " + cursor);
            return acknowledged
                    ? Packet.acknowledged(text, List.of(), ++ackIds, 1, TIMEOUT)
                    : Packet.of(text, List.of(), null);
        }

        @Override
        public Packet end() {
            return name.equals("endless") ? null : Packet.of("-" + name, List.of(), null);
        }

        @Override
        public @Nullable Payload duplicate(Payload message) {
            return instead;
        }

        @Override
        public Payload unanswered() {
            return Payload.text(name + " unanswered");
        }

        @Override
        public Payload failed(Throwable thrown) {
            return Payload.text(name + " failed: " + thrown.getMessage());
        }
    }

    private void subscribe(String name, long now) {
        perform(machine.protocolInput.subscribe(new Topic(name, false), null, now));
    }

    private void subscribeWithAnswer(String name, long now) {
        Topic.ackIds = 0;
        perform(machine.protocolInput.subscribe(new Topic(name, true), null, now));
    }

    private void message(long connection, String name, @Nullable String cursor, String text) {
        perform(machine.protocolInput.onSubscriptionMessage(connection, name, cursor, Payload.text(text), 1, 0));
    }

    private void up(long connection, long now) {
        perform(connection == 1 ? machine.connect(now) : machine.onTimer(now, now, now));
        effects.take();
        perform(machine.onOpen(connection, now));
    }

    private void lose(long connection, long now) {
        perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "gone", null), now));
        effects.take();
    }

    @Test
    void aSubscriptionWaitsForTheConnectionAndGoesBeforeMessages() {
        send(message("m", 1));
        subscribe("a", 0);
        subscribe("b", 0);
        up(1, 0);
        saw("OPEN", "control +a", "control +b", "send 0");
        subscribe("c", 0);
        saw("control +c");
    }

    /** Two threads may use a name: one ends the subscription before the machine has begun it. */
    @Test
    void aSubscriptionThatIsOverBeforeItsTurnDoesNotBegin() {
        up(1, 0);
        effects.take();
        Topic over = new Topic("a", false);
        over.over = true;
        perform(machine.protocolInput.subscribe(over, null, 0));
        saw();
        subscribe("a", 0);
        saw("control +a");
    }

    /** The server sends on until it has read the end. */
    @Test
    void aSubscriptionThatWaitsForItsEndHasNoMessages() {
        up(1, 0);
        Topic ends = new Topic("a", false);
        ends.endsWithAnswer = true;
        perform(machine.protocolInput.subscribe(ends, null, 0));
        effects.take();
        message(1, "a", "a1", "late");
        saw();
    }

    @Test
    void eachConnectionBeginsItAgainFromItsOwnCursor() {
        up(1, 0);
        subscribe("a", 0);
        subscribe("b", 0);
        message(1, "a", "a1", "x");
        message(1, "a", "a2", "y");
        effects.take();
        lose(1, 0);
        message(1, "a", "a3", "of a connection that is gone");
        saw();
        up(2, SECOND);
        saw("OPEN", "control +a after a2", "control +b");
    }

    @Test
    void messagesThatComeAgainAreDropped() {
        up(1, 0);
        subscribe("a", 0);
        subscribe("b", 0);
        effects.take();
        message(1, "a", "1", "x");
        message(1, "a", "1", "x");
        message(1, "b", "1", "x");
        message(1, "a", null, "without a position");
        saw("deliver null TEXT x", "duplicate", "deliver null TEXT x", "deliver null TEXT without a position");
    }

    @Test
    void theApplicationSaysWhereItBegins() {
        up(1, 0);
        effects.take();
        perform(machine.protocolInput.subscribe(new Topic("a", false), "7", 0));
        message(1, "a", "7", "x");
        saw("control +a after 7", "duplicate");
    }

    @Test
    void anEndGoesOutOnlyIfTheSubscriptionDid() {
        subscribe("a", 0);
        perform(machine.protocolInput.unsubscribe("a", 0));
        up(1, 0);
        saw("OPEN");
        subscribe("b", 0);
        subscribe("endless", 0);
        effects.take();
        perform(machine.protocolInput.unsubscribe("b", 0));
        perform(machine.protocolInput.unsubscribe("endless", 0));
        perform(machine.protocolInput.unsubscribe("nobody", 0));
        saw("control -b");
        message(1, "b", "1", "too late");
        saw();
        lose(1, 0);
        up(2, SECOND);
        saw("OPEN");
    }

    @Test
    void anEndBeforeTheNextConnectionIsNotSent() {
        up(1, 0);
        subscribe("a", 0);
        lose(1, 0);
        perform(machine.protocolInput.unsubscribe("a", 0));
        up(2, SECOND);
        saw("OPEN");
    }

    @Test
    void aSubscriptionReplacesTheOneOfItsName() {
        up(1, 0);
        subscribe("a", 0);
        message(1, "a", "1", "x");
        effects.take();
        subscribe("a", 0);
        message(1, "a", "1", "x");
        saw("control -a", "control +a", "deliver null TEXT x");
    }

    @Test
    void aGapIsToldInOrderAndTheSubscriptionBeginsWithoutACursor() {
        up(1, 0);
        subscribe("a", 0);
        message(1, "a", "1", "x");
        lose(1, 0);
        up(2, SECOND);
        effects.take();
        perform(machine.protocolInput.onGap(2, "a", Payload.text("gap"), SECOND));
        message(2, "a", "1", "counted anew");
        saw("deliver null TEXT gap", "control +a", "deliver null TEXT counted anew");
        // The server refuses it without a cursor as well: no packet follows, which it would refuse again.
        perform(machine.protocolInput.onGap(2, "a", Payload.text("gap"), SECOND));
        perform(machine.protocolInput.onGap(2, "nobody", Payload.text("gap"), SECOND));
        saw("deliver null TEXT gap");
        lose(2, SECOND);
        up(3, 3 * SECOND);
        saw("OPEN", "control +a");
    }

    @Test
    void aSubscriptionThatTheServerEndsIsNotBegunAgain() {
        up(1, 0);
        subscribe("a", 0);
        effects.take();
        perform(machine.protocolInput.onSubscriptionEnded(1, "a", Payload.text("rejected"), 0));
        message(1, "a", "1", "too late");
        perform(machine.protocolInput.onSubscriptionEnded(1, "a", Payload.text("rejected"), 0));
        perform(machine.protocolInput.unsubscribe("a", 0));
        saw("deliver null TEXT rejected");
        lose(1, 0);
        up(2, SECOND);
        saw("OPEN");
    }

    @Test
    void theAnswerIsDeliveredOnce() {
        up(1, 0);
        effects.take();
        subscribeWithAnswer("a", 0);
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("yes"), 3, 0));
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("yes"), 3, 0));
        saw("control +a", "deliver null TEXT yes");
        perform(machine.onTimer(TIMEOUT, TIMEOUT, TIMEOUT));
        saw();
    }

    @Test
    void anAnswerThatDoesNotComeIsReportedAndTheSubscriptionStays() {
        up(1, 0);
        subscribeWithAnswer("a", 0);
        effects.take();
        assertEquals(TIMEOUT, machine.nextTimer());
        perform(machine.onTimer(TIMEOUT - 1, TIMEOUT, TIMEOUT));
        saw();
        perform(machine.onTimer(TIMEOUT, TIMEOUT, TIMEOUT));
        message(1, "a", "1", "x");
        saw("deliver null TEXT a unanswered", "deliver null TEXT x");
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("late"), 3, 0));
        saw();
        lose(1, TIMEOUT);
        up(2, TIMEOUT + SECOND);
        saw("OPEN", "control +a after 1");
    }

    @Test
    void aLostConnectionAnswersNothing() {
        up(1, 0);
        subscribeWithAnswer("a", 0);
        lose(1, 0);
        perform(machine.disconnect(0));
        effects.take();
        perform(machine.onTimer(TIMEOUT, TIMEOUT, TIMEOUT));
        saw();
    }

    @Test
    void aPacketThatCannotBeMadeEndsTheSubscription() {
        up(1, 0);
        subscribe("broken", 0);
        subscribe("a", 0);
        saw("OPEN", "deliver null TEXT broken failed: no arguments", "control +a");
        lose(1, 0);
        up(2, SECOND);
        saw("OPEN", "control +a");
    }

    @Test
    void thereIsAMaximum() {
        for (int i = 0; i < 1024; i++) subscribe("s" + i, 0);
        effects.take();
        subscribe("s0", 0);
        saw();
        subscribe("more", 0);
        saw("deliver null TEXT more failed: there are 1024 subscriptions already");
    }

    @Test
    void startPacketsWaitForTheConnectionToWriteAndMessagesWaitBehindThem() {
        machine = machine(settings(false, null, 4));
        for (String name : List.of("aaa", "bbb", "ccc")) subscribe(name, 0);
        send(message("m", 1));
        up(1, 0);
        saw("OPEN", "control +aaa");
        perform(machine.onWritten(1, 1, 0));
        saw("control +bbb");
        message(1, "bbb", "7", "x");
        perform(machine.protocolInput.unsubscribe("ccc", 0));
        saw("deliver null TEXT x");
        perform(machine.onWritten(1, 1, 0));
        saw("send 0");
    }

    @Test
    void aPacketThatWaitsIsMadeAnewForANewerCursor() {
        machine = machine(settings(false, null, 4));
        perform(machine.protocolInput.subscribe(new Topic("a", false), "1", 0));
        up(1, 0);
        perform(machine.protocolInput.onGap(1, "a", Payload.text("gap"), 0));
        message(1, "a", "5", "x");
        effects.take();
        perform(machine.onWritten(1, 1, 0));
        saw("control +a after 5");
    }

    @Test
    void startPacketsKeepTheRateLimit() {
        machine = machine(settings(false, RateLimit.ofMessages(10).withBurst(Duration.ofMillis(100)), 1_000));
        subscribe("a", 0);
        subscribe("b", 0);
        up(1, 0);
        saw("OPEN", "control +a");
        long due = machine.nextTimer();
        assertTrue(due <= SECOND / 10, "due at " + due);
        perform(machine.onTimer(due, due, due));
        saw("control +b");
    }

    @Test
    void aClientThatClosesTakesNone() {
        up(1, 0);
        effects.take();
        perform(machine.close(0));
        effects.take();
        subscribe("a", 0);
        saw();
    }

    // ---- an opening exchange that the client begins ----

    private static final Packet BEAT = Packet.of("\n", List.of(), null);

    private static Welcome welcome() {
        return Welcome.unnumbered("s", "", false, "new", Long.MAX_VALUE, 0);
    }

    private void opening() {
        machine = machine(settings(false, null, 1_000).opening(false));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
    }

    @Test
    void theWelcomeEndsAnOpeningExchangeThatTheClientBegins() {
        machine = machine(settings(false, null, 1_000).opening(false));
        subscribe("a", 0);
        send(message("m", 1));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        saw("CONNECTING", "connect 1", "RESUMING", "open null null null");
        perform(machine.onWelcome(1, welcome(), 0));
        saw("OPEN", "control +a", "send 0");
        lose(1, 0);
        perform(machine.onTimer(SECOND, SECOND, SECOND));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome(), SECOND));
        saw("OPEN", "control +a");
    }

    @Test
    void aMessageBeforeTheWelcomeBreaksTheProtocol() {
        opening();
        message(1, "a", null, "x");
        assertEquals("close 4400 message before welcome", effects.take().get(0));
    }

    @Test
    void aSubscriptionOfAResumedSessionIsNotBegunAgainIfTheServerHasIt() {
        machine = machine(settings(false, null, 1_000).opening(true));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.protocolInput.onHello(1, 0));
        perform(machine.onWelcome(1, Welcome.unnumbered("s", "k", false, "new", 1_000, 0), 0));
        subscribe("written", 0);
        perform(machine.onWritten(1, 2, 0));
        subscribe("unwritten", 0);
        lose(1, 0);
        perform(machine.onTimer(SECOND, SECOND, SECOND));
        perform(machine.onOpen(2, SECOND));
        perform(machine.protocolInput.onHello(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, Welcome.unnumbered("s", "k", true, null, 1_000, 0), SECOND));
        saw("OPEN", "control +unwritten");
    }

    // ---- the client's heartbeat ----

    @Test
    void theClientBeatsWhenItHasWrittenNothingElse() {
        opening();
        perform(machine.onWelcome(1, welcome().withClientHeartbeat(2 * SECOND, BEAT), 0));
        saw("OPEN");
        assertEquals(2 * SECOND, machine.nextTimer());
        subscribe("a", SECOND);
        perform(machine.onWritten(1, 2, SECOND));
        saw("control +a");
        assertEquals(3 * SECOND, machine.nextTimer());
        perform(machine.onTimer(3 * SECOND, 3 * SECOND, 3 * SECOND));
        saw("control \n");
        // It is not written yet, and another one behind it would help nobody.
        perform(machine.onTimer(6 * SECOND, 6 * SECOND, 6 * SECOND));
        saw();
        perform(machine.onWritten(1, 1, 7 * SECOND));
        assertEquals(9 * SECOND, machine.nextTimer());
        lose(1, 7 * SECOND);
        perform(machine.disconnect(7 * SECOND));
        effects.take();
        perform(machine.onTimer(20 * SECOND, 0, 0));
        saw();
    }

    @Test
    void aWelcomeWithoutAHeartbeatWantsNone() {
        opening();
        perform(machine.onWelcome(1, welcome(), 0));
        perform(machine.onWritten(1, 1, 0));
        assertTrue(machine.nextTimer() >= 15 * SECOND, "the ping alone is due");
        assertThrows(IllegalArgumentException.class, () -> welcome().withClientHeartbeat(0, BEAT));
    }

    @Test
    void aProtocolMayActOnADuplicate() {
        up(1, 0);
        Topic topic = new Topic("a", false);
        topic.instead = Payload.text("came again");
        perform(machine.protocolInput.subscribe(topic, null, 0));
        effects.take();
        message(1, "a", "1", "x");
        message(1, "a", "1", "x");
        message(2, "a", "1", "of a stale connection");
        saw("deliver null TEXT x", "duplicate", "deliver null TEXT came again");
    }

    @Test
    void anIdForWhichAnotherWaitsFailsTheSubscription() {
        up(1, 0);
        effects.take();
        subscribeWithAnswer("a", 0);
        subscribeWithAnswer("b", 0);
        saw("control +a", "deliver null TEXT b failed: another message or subscription waits for the answer 1");
        send(new Outbound(Payload.packet(Packet.request("m", 2, true, TIMEOUT)), 1, "receipt"));
        saw("send 0");
        Topic.ackIds = 1;
        perform(machine.protocolInput.subscribe(new Topic("c", true), null, 0));
        saw("deliver null TEXT c failed: another message or subscription waits for the answer 2");
        send(new Outbound(Payload.packet(Packet.request("n", 1, true, TIMEOUT)), 1, "receipt"));
        saw("ended n REJECTED");
        send(new Outbound(Payload.packet(Packet.request("o", 2, true, TIMEOUT)), 1, "receipt"));
        saw("ended o REJECTED");
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("yes"), 0, 0));
        saw("deliver null TEXT yes");
        send(new Outbound(Payload.packet(Packet.request("p", 1, true, TIMEOUT)), 1, "receipt"));
        saw("send 0");
    }
}

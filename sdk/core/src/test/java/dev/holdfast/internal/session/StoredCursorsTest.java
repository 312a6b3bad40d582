package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The bounds of stored cursors, and the order in which they move. */
class StoredCursorsTest {
    private static final long GROUP = TimeUnit.MILLISECONDS.toNanos(200);

    private final StoredCursors cursors = new StoredCursors(true);
    private boolean over;
    private final Subscription subscription = new Subscription() {
        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public String name() {
            return "a";
        }

        @Override
        public @Nullable String storeName() {
            return "a";
        }

        @Override
        public Packet start(@Nullable String cursor) {
            return Packet.of("", List.of(), null);
        }

        @Override
        public @Nullable Packet end() {
            return null;
        }

        @Override
        public Payload unanswered() {
            return Payload.text("");
        }

        @Override
        public Payload failed(Throwable thrown) {
            return Payload.text("");
        }
    };

    /** Returns a subscription with the store name "a" that is never over. */
    private static Subscription named(String name) {
        return new Subscription() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public @Nullable String storeName() {
                return "a";
            }

            @Override
            public Packet start(@Nullable String cursor) {
                return Packet.of("", List.of(), null);
            }

            @Override
            public @Nullable Packet end() {
                return null;
            }

            @Override
            public Payload unanswered() {
                return Payload.text("");
            }

            @Override
            public Payload failed(Throwable thrown) {
                return Payload.text("");
            }
        };
    }

    private CursorMark give(String name, @Nullable String cursor) {
        CursorMark mark = cursors.give(subscription, name, cursor, false, 0);
        assertTrue(mark.begin());
        return mark;
    }

    /** Returns what is stored of what was handled until now. */
    private Map<String, @Nullable String> changes() {
        cursors.looked();
        return cursors.takeChanges();
    }

    private void handle(String name, @Nullable String cursor) {
        give(name, cursor).handled();
    }

    @Test
    void changesAreTakenOnce() {
        cursors.open("a");
        handle("a", "1");
        handle("a", "2");
        assertEquals(Map.of("a", "2"), changes());
        assertEquals(Map.of(), changes());
    }

    @Test
    void whatIsHandledIsLookedAtTogether() {
        cursors.open("a");
        cursors.handled(5);
        assertEquals(SessionMachine.NEVER, cursors.due());
        handle("a", "1");
        cursors.handled(5);
        handle("a", "2");
        cursors.handled(6);
        assertEquals(5 + GROUP, cursors.due());
        cursors.looked();
        assertEquals(SessionMachine.NEVER, cursors.due());
    }

    @Test
    void aMessageWithoutACursorOrWithOneThatIsTooLongMovesNothing() {
        cursors.open("a");
        handle("a", "1");
        handle("a", null);
        handle("a", "x".repeat(StoredCursors.MAX_LENGTH + 1));
        assertEquals(Map.of("a", "1"), changes());
        handle("a", "x".repeat(StoredCursors.MAX_LENGTH));
        assertEquals(StoredCursors.MAX_LENGTH, changes().get("a").length());
    }

    @Test
    void theOldestCursorWithoutASubscriptionMakesRoom() {
        restoreAsManyAsThereMayBe();
        assertEquals("1", cursors.open("name 0"));
        assertNull(cursors.open("new"));
        assertEquals(Collections.singletonMap("name 1", null), changes());
        cursors.close("new", true);
        cursors.close("name 0", true);
        assertEquals("1", cursors.open("name 0"));
        assertNull(cursors.open("name 1"));
        assertEquals(Collections.singletonMap("name 2", null), changes());
    }

    private void restoreAsManyAsThereMayBe() {
        Map<String, String> earlier = new LinkedHashMap<>();
        for (int i = 0; i < StoredCursors.MAX_NAMES; i++) earlier.put("name " + i, "1");
        cursors.restore(earlier);
    }

    @Test
    void aCursorThatWasUsedLatelyStays() {
        restoreAsManyAsThereMayBe();
        cursors.open("name 0");
        cursors.close("name 0", true);
        cursors.open("new");
        assertEquals(Collections.singletonMap("name 1", null), changes());
    }

    @Test
    void aCursorWithASubscriptionStays() {
        restoreAsManyAsThereMayBe();
        cursors.open("name 0");
        for (int i = 1; i < StoredCursors.MAX_NAMES; i++) assertFalse(cursors.isOpen("name " + i));
        cursors.open("new");
        assertEquals(Collections.singletonMap("name 1", null), changes());
    }

    @Test
    void whatIsHandledOfANameThatMadeRoomMovesNothing() {
        restoreAsManyAsThereMayBe();
        cursors.open("name 0");
        CursorMark begun = give("name 0", "2");
        cursors.close("name 0", true);
        for (int i = 1; i < StoredCursors.MAX_NAMES; i++) assertFalse(cursors.isOpen("name " + i));
        cursors.open("new");
        assertEquals(Collections.singletonMap("name 0", null), changes());
        begun.handled();
        cursors.handled(0);
        assertEquals(SessionMachine.NEVER, cursors.due());
        assertEquals(Map.of(), changes());
    }

    @Test
    void anEarlierProcessMayHaveLeftTooMany() {
        Map<String, String> earlier = new LinkedHashMap<>();
        for (int i = 0; i <= StoredCursors.MAX_NAMES; i++) earlier.put("name " + i, "1");
        cursors.restore(earlier);
        assertEquals(Collections.singletonMap("name 0", null), changes());
    }

    @Test
    void aMessageIsGivenOrTakenBackAndNeverBoth() {
        cursors.open("a");
        CursorMark begun = give("a", "1");
        CursorMark waits = cursors.give(subscription, "a", "2", false, 0);
        cursors.close("a", true);
        assertEquals("1", cursors.open("a"));
        assertFalse(waits.begin());
        waits.handled();
        begun.handled();
        assertEquals(Map.of("a", "1"), changes());
    }

    /** A callback begins while the messages behind it are taken back: those before it stay with the application. */
    @Test
    void nothingBeforeAMessageThatTheApplicationHasIsTakenBack() {
        cursors.open("a");
        CursorMark first = cursors.give(subscription, "a", "1", false, 0);
        CursorMark second = cursors.give(subscription, "a", "2", false, 0);
        CursorMark third = cursors.give(subscription, "a", "3", false, 0);
        assertTrue(second.begin());
        cursors.close("a", false);
        assertEquals("2", cursors.open("a"));
        assertTrue(first.begin());
        assertFalse(third.begin());
    }

    @Test
    void theEndOfTheClientTakesBackWhatWaits() {
        cursors.open("a");
        handle("a", "1");
        CursorMark waits = cursors.give(subscription, "a", "2", false, 0);
        cursors.end();
        assertFalse(waits.begin());
        assertEquals(Map.of("a", "1"), cursors.takeChanges());
    }

    @Test
    void theEndOfASubscriptionTakesBackWhatWaits() {
        cursors.open("a");
        CursorMark waits = cursors.give(subscription, "a", "1", false, 0);
        cursors.close("a", true);
        assertFalse(waits.begin());
    }

    @Test
    void whatTheServerEndsIsStillHandled() {
        cursors.open("a");
        CursorMark waits = cursors.give(subscription, "a", "1", false, 0);
        cursors.close("a", false);
        assertTrue(waits.begin());
        waits.handled();
        assertEquals(Map.of("a", "1"), changes());
    }

    @Test
    void onlyTheApplicationsEndOfASubscriptionTakesBackWhatWaits() {
        Subscriptions subscriptions = new Subscriptions(true, ackId -> false);
        subscriptions.add(subscription, null);
        CursorMark endedByTheServer = mark(subscriptions, "a", "1", false);
        subscriptions.removeEnded("a");
        assertTrue(endedByTheServer.begin());
        subscriptions.add(subscription, null);
        CursorMark endedByTheApplication = mark(subscriptions, "a", "2", false);
        subscriptions.remove("a");
        assertFalse(endedByTheApplication.begin());
    }

    /** The protocol's callback does not ask again, so the place decides also without a store. */
    @Test
    void withoutAStoreThePlaceOfAMessageDecidesAsWell() {
        Subscriptions subscriptions = new Subscriptions(false, ackId -> false);
        subscriptions.add(subscription, null);
        assertTrue(mark(subscriptions, "a", "1", true).begin());
        assertFalse(mark(subscriptions, "a", "1", true).isManual());
        CursorMark late = mark(subscriptions, "a", "2", false);
        CursorMark lateGap = subscriptions.markGap("a");
        over = true;
        assertFalse(late.begin());
        assertFalse(lateGap.begin());
        assertEquals(Map.of(), subscriptions.cursors().takeChanges());
    }

    /** It may still wait for an answer. Its removal must not free the name of its successor. */
    @Test
    void aSubscriptionThatIsOverGivesItsNameToTheNext() {
        Subscriptions subscriptions = new Subscriptions(true, ackId -> false);
        subscriptions.add(subscription, null);
        CursorMark waits = mark(subscriptions, "a", "1", false);
        Subscription second = named("b");
        subscriptions.add(second, null);
        assertEquals(1, subscriptions.takeReports().size());
        over = true;
        subscriptions.add(second, null);
        assertFalse(subscriptions.hasReports());
        assertFalse(waits.begin());
        subscriptions.remove("a");
        assertTrue(subscriptions.cursors().isOpen("a"));
        CursorMark mark = mark(subscriptions, "b", "1", false);
        assertTrue(mark.begin());
        mark.handled();
        subscriptions.cursors().looked();
        assertEquals(Map.of("a", "1"), subscriptions.cursors().takeChanges());
    }

    private static CursorMark mark(Subscriptions subscriptions, String name, String cursor, boolean manual) {
        return subscriptions.mark(Objects.requireNonNull(subscriptions.withMessages(name)), cursor, manual, 0);
    }

    private CursorMark giveByHand(String cursor, long cost) {
        CursorMark mark = cursors.give(subscription, "a", cursor, true, cost);
        assertTrue(mark.begin());
        return mark;
    }

    private List<Long> abandoned() {
        return cursors.takeAbandoned().stream().map(mark -> mark.cost).collect(Collectors.toList());
    }

    /** The application may have dropped them with the subscription: their bytes hold up nothing. */
    @Test
    void theEndReleasesWhatWasNotAcknowledged() {
        cursors.open("a");
        giveByHand("1", 10).handled();
        CursorMark second = giveByHand("2", 20);
        CursorMark third = giveByHand("3", 30);
        third.handled();
        giveByHand("4", 40);
        assertEquals(List.of(), abandoned());
        cursors.close("a", true);
        assertEquals(List.of(20L, 40L), abandoned());
        assertFalse(second.release());
        assertEquals("4", cursors.open("a"));
        assertEquals(List.of(), abandoned());
        assertEquals(Map.of("a", "1"), changes());
        second.handled();
        assertEquals(Map.of("a", "3"), changes());
    }

    @Test
    void anAcknowledgementAfterTheEndMovesTheCursor() {
        cursors.open("a");
        CursorMark first = giveByHand("1", 10);
        CursorMark second = giveByHand("2", 20);
        assertTrue(second.release());
        second.handled();
        cursors.close("a", true);
        assertEquals(List.of(10L), abandoned());
        first.handled();
        assertEquals(Map.of("a", "2"), changes());
        assertEquals("2", cursors.open("a"));
        assertEquals(List.of(), abandoned());
    }

    /** The server has ended it: the application still handles what it has, until it subscribes again. */
    @Test
    void theNextSubscriptionReleasesWhatTheServersEndHasLeft() {
        cursors.open("a");
        CursorMark first = giveByHand("1", 10);
        cursors.close("a", false);
        assertEquals(List.of(), abandoned());
        assertEquals("1", cursors.open("a"));
        assertEquals(List.of(10L), abandoned());
        assertFalse(first.release());
    }

    @Test
    void theNextSubscriptionTakesBackWhatWaits() {
        cursors.open("a");
        CursorMark waits = cursors.give(subscription, "a", "1", false, 0);
        cursors.close("a", false);
        assertNull(cursors.open("a"));
        assertFalse(waits.begin());
    }

    @Test
    void aSubscriptionThatBeginsWhileAGapIsReportedHasNoCursor() {
        cursors.restore(Map.of("a", "7"));
        assertEquals("7", cursors.open("a"));
        assertTrue(cursors.giveGap(subscription, "a").begin());
        cursors.close("a", true);
        assertNull(cursors.open("a"));
    }

    @Test
    void aGapGoesWithItsReport() {
        cursors.restore(Map.of("a", "7"));
        assertEquals("7", cursors.open("a"));
        CursorMark gap = cursors.giveGap(subscription, "a");
        assertEquals(Map.of(), changes());
        assertTrue(gap.begin());
        gap.handled();
        assertEquals(Collections.singletonMap("a", null), changes());
    }

    /** One message that is never acknowledged does not keep all the others. */
    @Test
    void whatWaitsBehindAnUnhandledMessageIsBounded() {
        cursors.open("a");
        CursorMark stuck = give("a", "1");
        for (int i = 2; i <= 100_000; i++) {
            handle("a", Integer.toString(i));
            handle("a", null);
        }
        assertTrue(cursors.waiting("a") <= 1_024, () -> cursors.waiting("a") + " wait");
        assertEquals(Map.of(), changes());
        stuck.handled();
        assertEquals(Map.of("a", "100000"), changes());
    }

    /** Gives messages that are handled behind one that is not, up to the last before the next one compacts them. */
    private CursorMark handleBehindOne() {
        cursors.open("a");
        CursorMark stuck = give("a", "1");
        for (int i = 2; cursors.waiting("a") < 1_022; i++) handle("a", Integer.toString(i));
        return stuck;
    }

    @Test
    void theNewestOfTheHandledStaysForTheMessageBeforeIt() {
        CursorMark stuck = handleBehindOne();
        handle("a", "newest");
        give("a", "waits");
        assertEquals(3, cursors.waiting("a"));
        stuck.handled();
        assertEquals(Map.of("a", "newest"), changes());
    }

    @Test
    void aGapBehindAnUnhandledMessageIsNotForgotten() {
        CursorMark stuck = handleBehindOne();
        CursorMark gap = cursors.giveGap(subscription, "a");
        assertTrue(gap.begin());
        gap.handled();
        give("a", "waits");
        assertEquals(3, cursors.waiting("a"));
        stuck.handled();
        assertEquals(Collections.singletonMap("a", null), changes());
    }

    @Test
    void withoutAStoreNothingIsKept() {
        assertEquals("a", cursors.nameOf(subscription));
        StoredCursors none = new StoredCursors(false);
        none.restore(Map.of("a", "1"));
        assertNull(none.nameOf(subscription));
        assertNull(none.open("a"));
        assertEquals(Map.of(), none.takeChanges());
    }
}

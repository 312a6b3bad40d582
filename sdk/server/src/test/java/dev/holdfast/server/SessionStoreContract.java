package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.server.SessionState.Acknowledged;
import dev.holdfast.server.SessionState.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does for a session, step by step. Two claims in a row are what two servers may do to each other. */
abstract class SessionStoreContract {
    private static final String KEY = ResumeKeys.hash("first");
    private static final Duration TTL = Duration.ofMinutes(2);

    private SessionState state;

    /** The state of a new session, not claimed yet. */
    abstract SessionState create(SessionStore.NewSession wanted) throws Exception;

    @BeforeEach
    void makeSession() throws Exception {
        state = session("s1", TTL, 4);
    }

    private SessionState session(String sid, Duration ttl, int logLimit) throws Exception {
        return create(new SessionStore.NewSession(sid, "ada", KEY, ttl, logLimit));
    }

    private Claim.Granted begin() {
        return granted(state.claim("ada", KEY, KEY, null));
    }

    private static Claim.Granted granted(Claim claim) {
        return assertInstanceOf(Claim.Granted.class, claim);
    }

    private static StreamMessage message(String text) {
        return new StreamMessage.Json('"' + text + '"');
    }

    private List<String> read(String position) {
        List<String> texts = new ArrayList<>();
        for (MessageLog.Entry entry : state.log().readAfter(position, 100).entries()) {
            texts.add(entry.message() instanceof StreamMessage.Json json ? json.text() : "refused");
        }
        return texts;
    }

    @Test
    void aClaimSaysWhereBothStreamsStand() {
        Claim.Granted first = begin();
        assertEquals(first.position(), first.end());
        assertEquals(0, first.handledSeq());
        assertNull(first.lastRejectionId());
        String a = state.append(message("a"));
        state.append(message("b"));
        assertEquals(List.of(), state.handled(first.fence(), 1, List.of()));
        String refusal = state.handled(first.fence(), 2, List.of(new StreamMessage.Rejection(2, "no", "no")))
                .get(0);
        Claim.Granted second = granted(state.claim("ada", KEY, KEY, a));
        assertTrue(second.fence() > first.fence());
        assertEquals(a, second.position());
        assertEquals(refusal, second.end());
        assertEquals(2, second.handledSeq());
        assertEquals(refusal, second.lastRejectionId());
        assertEquals(List.of("\"b\"", "refused"), read(second.position()));
    }

    @Test
    void whoeverHasLostASessionChangesItNoMore() {
        Claim.Granted older = begin();
        String a = state.append(message("a"));
        Claim.Granted newer = granted(state.claim("ada", KEY, KEY, null));
        assertNull(state.handled(older.fence(), 1, List.of(message("reply"))));
        assertEquals(Acknowledged.FENCED, state.acknowledged(older.fence(), a));
        state.release(older.fence());
        assertFalse(state.end(older.fence(), "unknown"));
        assertTrue(state.isAlive());
        assertEquals(List.of("\"a\""), read(newer.position()));
        assertEquals(
                1, state.handled(newer.fence(), 1, List.of(message("reply"))).size());
        assertEquals(Acknowledged.ADVANCED, state.acknowledged(newer.fence(), a));
        assertEquals(List.of("\"reply\""), read(a));
        assertTrue(state.end(newer.fence(), "unknown"));
        assertFalse(state.isAlive());
    }

    @Test
    void aMessageIsStillHandledWhenItsConnectionIsGone() {
        Claim.Granted claim = begin();
        state.release(claim.fence());
        assertNotNull(state.handled(claim.fence(), 1, List.of(message("reply"))));
        assertEquals(1, granted(state.claim("ada", KEY, KEY, null)).handledSeq());
    }

    @Test
    void whatIsAcknowledgedIsTrimmedAndNothingElseIsTaken() {
        long fence = begin().fence();
        String a = state.append(message("a"));
        String b = state.append(message("b"));
        assertEquals(Acknowledged.ADVANCED, state.acknowledged(fence, a));
        assertEquals(Acknowledged.NOTHING_NEW, state.acknowledged(fence, a));
        assertEquals(Acknowledged.FOREIGN, state.acknowledged(fence, b + "9"));
        assertEquals(Acknowledged.FOREIGN, state.acknowledged(fence, "nonsense"));
        assertEquals(1, state.log().size());
    }

    @Test
    void twoKeysAreGoodUntilTheNewestIsConfirmed() {
        String second = ResumeKeys.hash("second");
        String third = ResumeKeys.hash("third");
        begin();
        assertInstanceOf(Claim.Unknown.class, state.claim("ada", second, third, null));
        assertInstanceOf(Claim.Unknown.class, state.claim("eve", KEY, second, null));
        granted(state.claim("ada", KEY, second, null));
        long fence = granted(state.claim("ada", KEY, third, null)).fence();
        assertInstanceOf(Claim.Unknown.class, state.claim("ada", second, second, null));
        state.confirmKey(fence - 1);
        fence = granted(state.claim("ada", KEY, third, null)).fence();
        state.confirmKey(fence);
        assertInstanceOf(Claim.Unknown.class, state.claim("ada", KEY, KEY, null));
        granted(state.claim("ada", third, third, null));
    }

    @Test
    void aHistoryWithAGapIsTold() {
        long fence = begin().fence();
        String a = state.append(message("a"));
        for (String text : List.of("b", "c", "d", "e")) state.append(message(text));
        assertEquals(4, state.log().size());
        assertNotNull(state.handled(fence, 1, List.of()));
        Claim.Granted inTime = granted(state.claim("ada", KEY, KEY, a));
        state.append(message("f"));
        Claim.Refused refused = assertInstanceOf(Claim.Refused.class, state.claim("ada", KEY, KEY, a));
        assertEquals(new Claim.Refused("trimmed", 1), refused);
        assertFalse(state.isAlive());
        assertNull(state.handled(inTime.fence(), 2, List.of()), "what the client was told of seq 2 is final");
        assertEquals(refused, state.claim("ada", KEY, KEY, a));
    }

    @Test
    void aPositionOfAnotherHistoryIsTold() {
        begin();
        assertEquals(new Claim.Refused("epoch", 0), state.claim("ada", KEY, KEY, "nonsense"));
    }

    @Test
    void aLostRefusalDoesNotPassForAnAcknowledgement() {
        long fence = begin().fence();
        List<String> refusals = new ArrayList<>();
        for (long seq = 1; seq <= 3; seq++) {
            refusals.addAll(state.handled(fence, seq, List.of(new StreamMessage.Rejection(seq, "no", "no"))));
        }
        assertEquals(Acknowledged.ADVANCED, state.acknowledged(fence, refusals.get(1)));
        state.end("expired");
        assertEquals(new Claim.Refused("expired", 2), state.claim("ada", KEY, KEY, refusals.get(1)));
    }

    @Test
    void anEndIsFinal() {
        Claim.Granted claim = begin();
        state.append(message("a"));
        state.end("expired");
        state.end("unknown");
        assertFalse(state.isAlive());
        state.append(message("into the void"));
        assertEquals(0, state.log().size());
        assertNotNull(state.handled(claim.fence(), 1, List.of(message("too"))), "what was at work is still counted");
        assertEquals(0, state.log().size());
        assertEquals(new Claim.Refused("expired", 1), state.claim("ada", KEY, KEY, null));
    }

    @Test
    void aSessionExpiresWhenNobodyHasHeldItForLong() throws Exception {
        state = session("s2", Duration.ofMillis(30), 4);
        // Not parkNanos, which returns at once if a lock has left its permit.
        Thread.sleep(60);
        assertEquals(new Claim.Refused("expired", 0), state.claim("ada", KEY, KEY, null));
        assertFalse(state.isAlive());
    }
}

package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.OutboundQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The machine uses its lists of effects again, as long as messages flow. */
class EffectListsTest extends MachineRig {
    private final WaitingQueue waiting = new WaitingQueue(OutboundQueue.ofBytes(1_000_000));

    private void flow(int lowMark) {
        machine = new SessionMachine(settings(false, null, lowMark), new Random(1), waiting);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
    }

    /** Sends as many messages as the connection takes, and returns the list of their effects, cleared. */
    private List<Effect> batch(int messages) {
        for (int i = 0; i < messages; i++) waiting.offer(message("m", 1));
        List<Effect> sent = machine.onQueueChanged(0);
        assertEquals(messages, sent.size());
        sent.clear();
        List<Effect> written = machine.onWritten(1, messages, 0);
        assertEquals(1, written.size(), "effects for all that is written");
        written.clear();
        return sent;
    }

    private static Set<List<Effect>> lists() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    @Test
    void listsAreUsedAgainWhileMessagesFlow() {
        flow(4000);
        Set<List<Effect>> used = lists();
        for (int i = 0; i < 50; i++) {
            used.add(batch(3000));
        }
        assertTrue(used.size() <= 2, used.size() + " lists");
    }

    @Test
    void largeListsAreReleasedWhenLittleHappens() {
        flow(4000);
        Set<List<Effect>> large = lists();
        for (int i = 0; i < 2; i++) {
            large.add(batch(3000));
        }
        List<List<Effect>> small = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            small.add(batch(1));
        }
        for (List<Effect> list : small.subList(20, 40)) assertFalse(large.contains(list));
        Set<List<Effect>> later = lists();
        later.addAll(small.subList(20, 40));
        assertTrue(later.size() <= 2, later.size() + " lists");
    }

    @Test
    void aHugeListIsReleasedAtOnce() {
        flow(100_000);
        List<Effect> huge = batch(50_000);
        for (int i = 0; i < 4; i++) assertTrue(huge != batch(1));
    }
}

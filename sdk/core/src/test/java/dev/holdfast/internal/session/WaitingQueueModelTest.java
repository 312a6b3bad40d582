package dev.holdfast.internal.session;

import static dev.holdfast.internal.session.QueueMessages.message;
import static dev.holdfast.internal.session.QueueMessages.name;
import static dev.holdfast.internal.session.QueueMessages.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Overflow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The queue against a list that does the same the slow way, step by step. */
class WaitingQueueModelTest {
    private static final int BYTES = 40;
    private static final int MESSAGES = 12;
    private static final int STEPS = 60_000;

    /** What waits, in order. */
    private final List<Outbound> model = new ArrayList<>();

    private final Random random = new Random(1);
    private Overflow.Policy policy;
    private boolean modelPressed;
    private long now;
    private int number;

    @ParameterizedTest
    @EnumSource(
            value = Overflow.Policy.class,
            names = {"REJECT", "DROP_OLDEST", "DROP_NEWEST"})
    void doesWhatTheListDoes(Overflow.Policy tested) {
        policy = tested;
        Overflow overflow = tested == Overflow.Policy.REJECT
                ? Overflow.reject()
                : tested == Overflow.Policy.DROP_OLDEST ? Overflow.dropOldest() : Overflow.dropNewest();
        WaitingQueue queue = new WaitingQueue(
                OutboundQueue.ofBytes(BYTES).withMaxMessages(MESSAGES).withOverflow(overflow));
        int taken = 0;
        int dropped = 0;
        for (int step = 0; step < STEPS; step++) {
            now++;
            switch (random.nextInt(9)) {
                case 0:
                case 1:
                    assertEquals(
                            model.isEmpty() ? "" : name(model.get(0)),
                            name(queue.poll(
                                    model.isEmpty() ? BYTES : model.get(0).bytes())));
                    if (!model.isEmpty()) model.remove(0);
                    break;
                case 2:
                    List<Outbound> expired = new ArrayList<>(model);
                    expired.removeIf(message -> message.expiresAt > now);
                    model.removeAll(expired);
                    List<Outbound> really = queue.takeExpired(now);
                    really.sort(Comparator.comparingInt(expired::indexOf));
                    assertEquals(names(expired), names(really));
                    break;
                case 3:
                    if (model.isEmpty()) break;
                    Outbound victim = model.remove(random.nextInt(model.size()));
                    assertTrue(queue.recall(victim));
                    break;
                case 4:
                    pollTogether(queue);
                    break;
                default:
                    Outbound message = newMessage();
                    Admission expected = offer(message);
                    Admission admission = queue.offer(message);
                    assertEquals(expected.isTaken(), admission.isTaken());
                    assertEquals(name(expected.conflated()), name(admission.conflated()));
                    assertEquals(names(expected.dropped()), names(admission.dropped()));
                    if (admission.isTaken()) taken++;
                    dropped += admission.dropped().size();
            }
            check(queue);
        }
        assertTrue(taken > STEPS / 10, "hardly anything is taken");
        assertTrue(policy == Overflow.Policy.REJECT || dropped > STEPS / 100, "hardly anything gives way");
        assertEquals(names(model), names(queue.end()));
    }

    private void pollTogether(WaitingQueue queue) {
        int maxMessages = random.nextInt(5);
        long maxBytes = random.nextInt(15);
        long maxTogether = random.nextInt(40);
        long enough = random.nextInt(30);
        List<Outbound> expected = new ArrayList<>();
        while (!model.isEmpty()
                && expected.size() < maxMessages
                && bytes(expected) < enough
                && model.get(0).bytes() <= maxBytes
                && bytes(expected) + model.get(0).bytes() <= maxTogether) {
            expected.add(model.remove(0));
        }
        List<Outbound> together = new ArrayList<>();
        queue.poll(maxMessages, maxBytes, maxTogether, enough, together);
        assertEquals(names(expected), names(together));
    }

    private Outbound newMessage() {
        String text = "chnb".charAt(random.nextInt(4)) + String.valueOf(number++) + ":" + random.nextInt(12);
        if (random.nextInt(3) == 0) text += "/" + "jkl".charAt(random.nextInt(3));
        if (random.nextInt(3) == 0) text += "@" + (now + 1 + random.nextInt(30));
        return message(text);
    }

    private Admission offer(Outbound message) {
        Outbound old = null;
        for (Outbound other : model) {
            String key = other.options().conflationKey();
            if (key != null && key.equals(message.options().conflationKey())) old = other;
        }
        List<Outbound> after = new ArrayList<>(model);
        if (old != null && rank(old) == rank(message)) {
            after.set(after.indexOf(old), message);
        } else {
            after.remove(old);
            int place = 0;
            while (place < after.size() && rank(after.get(place)) <= rank(message)) place++;
            after.add(place, message);
        }
        List<Outbound> dropped = new ArrayList<>();
        while (bytes(after) > BYTES || after.size() > MESSAGES) {
            Outbound lowest = after.get(after.size() - 1);
            if (policy == Overflow.Policy.REJECT) return Admission.FULL;
            Outbound victim = null;
            if (policy == Overflow.Policy.DROP_NEWEST) {
                if (rank(lowest) > rank(message)) victim = lowest;
            } else {
                for (Outbound other : after) {
                    if (other == message || rank(other) < rank(message)) continue;
                    if (victim == null || rank(other) > rank(victim)) victim = other;
                }
            }
            if (victim == null) return Admission.FULL;
            after.remove(victim);
            dropped.add(victim);
        }
        model.clear();
        model.addAll(after);
        return new Admission(true, old, dropped);
    }

    private void check(WaitingQueue queue) {
        long bytes = bytes(model);
        assertEquals(bytes, queue.bytes());
        assertEquals(model.size(), queue.count());
        assertTrue(bytes <= BYTES && model.size() <= MESSAGES);
        assertEquals(model.isEmpty() ? -1 : model.get(0).bytes(), queue.nextBytes());
        assertEquals(model.stream().mapToLong(m -> m.expiresAt).min().orElse(SessionMachine.NEVER), queue.nextExpiry());
        if (bytes > BYTES / 2 || model.size() > MESSAGES / 2) modelPressed = true;
        if (bytes <= BYTES / 8 && model.size() <= MESSAGES / 8) modelPressed = false;
        assertEquals(modelPressed, queue.isPressed());
    }

    private static long bytes(List<Outbound> messages) {
        return messages.stream().mapToLong(Outbound::bytes).sum();
    }

    @SuppressWarnings("EnumOrdinal")
    private static int rank(Outbound message) {
        return message.options().priority().ordinal();
    }
}

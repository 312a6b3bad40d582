package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of several messages is one effect, and is said of each. */
class MessageReportsTest extends MachineRig {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<Effect> out = new ArrayList<>();

    private void performed(String... expected) {
        perform(out);
        saw(expected);
    }

    @Test
    void theSameOfSeveralMessagesIsOneEffect() {
        for (int i = 1; i <= 3; i++) message("m" + i, 1).endWritten(3, out);
        assertEquals(1, out.size());
        performed("written 0", "ended m1 WRITTEN", "written 0", "ended m2 WRITTEN", "written 0", "ended m3 WRITTEN");
    }

    @Test
    void theOrderStaysIfAnotherOutcomeComesBetween() {
        Outbound earlier = message("m2", 1);
        earlier.setUnproven(true);
        message("m1", 1).endWritten(4, out);
        earlier.endWritten(3, out);
        message("m3", 1).endWritten(2, out);
        out.add(Effects::sendBye);
        message("m4", 1).endWritten(1, out);
        assertEquals(5, out.size());
        performed(
                "written 0",
                "ended m1 WRITTEN",
                "written 0",
                "ended m2 UNKNOWN",
                "written 0",
                "ended m3 WRITTEN",
                "bye",
                "written 0",
                "ended m4 WRITTEN");
    }

    @Test
    void whatWasWrittenBeforeIsNotReportedAsWrittenAgain() {
        Outbound again = message("m2", 1).restored(7);
        message("m1", 1).endWritten(2, out);
        again.endWritten(1, out);
        performed("written 0", "ended m1 WRITTEN", "ended m2 WRITTEN");
    }

    @Test
    void everyReportIsMadeThoughOneThrows() {
        RuntimeException first = new IllegalStateException("first");
        Error second = new AssertionError("second");
        List<String> seen = new ArrayList<>();
        Error third = new AssertionError("third");
        Effects driver = (Effects) Proxy.newProxyInstance(
                Effects.class.getClassLoader(), new Class<?>[] {Effects.class}, (proxy, method, args) -> {
                    boolean counts = method.getName().equals("countWritten");
                    String what = method.getName() + " "
                            + (counts
                                    ? args[0] + ", " + args[1]
                                    : ((Outbound) args[0]).payload().text());
                    seen.add(what);
                    if (counts) throw first;
                    if (what.equals("written m1")) throw second;
                    if (what.equals("ended m2")) throw third;
                    return null;
                });
        int[] bytes = {1, 20, 300};
        for (int i = 1; i <= 3; i++) message("m" + i, bytes[i - 1]).endWritten(3, out);
        RuntimeException thrown =
                assertThrows(RuntimeException.class, () -> out.forEach(effect -> effect.perform(driver)));
        assertEquals(first, thrown);
        assertEquals(List.of(second, third), Arrays.asList(thrown.getSuppressed()));
        assertEquals(
                List.of(
                        "countWritten 3, 321",
                        "written m1",
                        "ended m1",
                        "written m2",
                        "ended m2",
                        "written m3",
                        "ended m3"),
                seen);
    }

    /** As where messages with an id of their own and others take turns. Room for all that may come would be the square of them. */
    @Test
    void reportsThatTakeTurnsTakeNoMoreMemoryEach() {
        List<Outbound> messages = new ArrayList<>();
        int count = 4_000;
        for (int i = 0; i < count; i++) messages.add(message("m", 1));
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0) messages.get(i).endWritten(count - i, out);
            else messages.get(i).markWritten(count - i, out);
        }
        long bytes = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        assertEquals(count, out.size());
        assertTrue(bytes < 200L * count, bytes + " bytes");
    }

    @Test
    void anAcknowledgementOfSeveralMessagesIsOneEffect() {
        open();
        for (int i = 1; i <= 4; i++) send(message("m" + i, 1));
        perform(machine.onWritten(1, 5, 0));
        effects.take();
        List<Effect> acknowledged = machine.onAck(1, 3, 0);
        assertEquals(1, acknowledged.size());
        perform(acknowledged);
        saw("ended m1 ACKNOWLEDGED", "ended m2 ACKNOWLEDGED", "ended m3 ACKNOWLEDGED");
    }
}

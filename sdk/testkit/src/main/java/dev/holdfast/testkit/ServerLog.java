package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The log of a server's events, one line with its time for each. */
final class ServerLog {
    private static final int MAX_LINES = 1000;
    private static final int MAX_SHOWN_LINES = 40;

    private final VirtualTime time;
    private final ArrayDeque<String> lines = new ArrayDeque<>();

    ServerLog(VirtualTime time) {
        this.time = time;
    }

    void note(String line) {
        if (lines.size() == MAX_LINES) lines.remove();
        lines.add(VirtualTime.seconds(time.now().toNanos()) + "  " + line);
    }

    List<String> lines() {
        return Collections.unmodifiableList(new ArrayList<>(lines));
    }

    /** Returns a failure with the last lines behind it. The time of the failure follows. */
    String describe(String what) {
        return what + ". " + this + "\nIt failed";
    }

    /** Returns the last lines, for a person to read. */
    @Override
    public String toString() {
        List<String> all = lines();
        int left = Math.max(0, all.size() - MAX_SHOWN_LINES);
        List<String> shown = new ArrayList<>(all.subList(left, all.size()));
        if (left > 0) shown.add(0, "(" + left + " earlier lines are in TestServer.log())");
        return "What happened at the server:\n  " + String.join("\n  ", shown);
    }
}

package dev.holdfast.internal.session;

import java.util.List;

/** What the loss of a session leaves open. Immutable. */
public final class LostSession {
    /** The server's word for it, or {@link SessionMachine#ROLLED_BACK}. */
    public final String reason;
    /** The messages whose outcome is unknown, oldest first; each has ended so already. */
    public final List<Outbound> unknown;
    /** Of the messages that had been acknowledged and may be lost all the same, the newest, oldest first. */
    public final List<Outbound> inDoubt;
    /** How many seqs the server had dealt with and does not know any more. */
    public final long inDoubtCount;

    LostSession(String reason, List<Outbound> unknown, List<Outbound> inDoubt, long inDoubtCount) {
        this.reason = reason;
        this.unknown = unknown;
        this.inDoubt = inDoubt;
        this.inDoubtCount = inDoubtCount;
    }
}

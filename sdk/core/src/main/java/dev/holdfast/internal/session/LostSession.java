package dev.holdfast.internal.session;

import java.util.List;

/** The messages whose fate a lost session leaves open. Immutable. */
public final class LostSession {
    /** The reason if the server lost writes that it had confirmed. */
    static final String ROLLED_BACK = "rolled-back";
    /** The reason if the server refused the position from which the client asked to go on. */
    static final String STALE = "stale";

    /** The server's reason, {@link #ROLLED_BACK} or {@link #STALE}. */
    public final String reason;
    /** The messages whose outcome is unknown, oldest first; each has already ended as UNKNOWN. */
    public final List<Outbound> unknown;
    /** The newest messages that were acknowledged and may be lost nevertheless, oldest first. */
    public final List<Outbound> inDoubt;
    /** The number of seqs that the server had handled and no longer knows. */
    public final long inDoubtCount;

    public LostSession(String reason, List<Outbound> unknown, List<Outbound> inDoubt, long inDoubtCount) {
        this.reason = reason;
        this.unknown = unknown;
        this.inDoubt = inDoubt;
        this.inDoubtCount = inDoubtCount;
    }
}

package dev.holdfast.internal.settings;

import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lookup of a failure in a {@link ReconnectPolicy}, and its limits. Immutable. */
public final class ReactionTable {
    private static final int ABNORMAL = 1006;
    private static final int POLICY_VIOLATION = 1008;
    private static final Reaction TOO_LARGE = Reaction.stop("a message is too large for the server");

    private final ReconnectPolicy policy;
    private final long giveUpAfterNanos;

    public ReactionTable(ReconnectPolicy policy) {
        this.policy = policy;
        this.giveUpAfterNanos = Nanos.orElse(Long.MAX_VALUE, policy.giveUpAfter());
    }

    /**
     * Returns the reaction to a failure.
     *
     * @param closeCode the code of the close frame, 1006 if an open connection ended without one, or 0 if there was no
     *     connection
     * @param httpStatus the status of a refused upgrade, 0 if there was none
     * @param resends whether messages in flight are sent again, so that the same message would go first
     * @param mayBeRefusal whether there is a credential provider and the connection ended before the server had accepted the
     *     newest credential, so that 1008 (policy violation) may be its refusal
     */
    public Reaction reactionTo(
            int closeCode, int httpStatus, @Nullable Throwable cause, boolean resends, boolean mayBeRefusal) {
        Reaction reaction = reactionTo(cause);
        if (reaction == null) {
            reaction = closeCode == ABNORMAL
                    ? policy.connectionLostReaction()
                    : policy.closeReactions().get(closeCode);
        }
        if (reaction == null) reaction = policy.httpStatusReactions().get(httpStatus);
        if (reaction == null && resends && (closeCode == 1009 || closeCode == 4413)) reaction = TOO_LARGE;
        if (reaction == null && mayBeRefusal && closeCode == POLICY_VIOLATION) reaction = Reaction.refreshCredentials();
        return reaction != null ? reaction : policy.defaultReaction();
    }

    /** Returns the line that was set last of those that match the outermost exception that any matches. */
    private @Nullable Reaction reactionTo(@Nullable Throwable cause) {
        Reaction reaction = null;
        for (Throwable t = cause; t != null && reaction == null; t = t.getCause()) {
            for (Map.Entry<Class<? extends Throwable>, Reaction> line :
                    policy.exceptionReactions().entrySet()) {
                if (line.getKey().isInstance(t)) reaction = line.getValue();
            }
        }
        return reaction;
    }

    /** Returns how many attempts in a row may fail. */
    public int maxAttempts() {
        return policy.maxAttempts();
    }

    /** Returns how long after the first failure in a row attempts go on; {@link Long#MAX_VALUE} without a limit. */
    public long giveUpAfterNanos() {
        return giveUpAfterNanos;
    }
}

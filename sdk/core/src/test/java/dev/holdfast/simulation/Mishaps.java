package dev.holdfast.simulation;

/**
 * Bugs of the application: its callbacks, its suppliers and its uncaught exception handler throw now and then, exceptions
 * and errors. The SDK must contain each throw and report it.
 */
final class Mishaps {
    private static final class MishapException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MishapException(String from) {
            super(from);
        }
    }

    private static final class MishapError extends Error {
        private static final long serialVersionUID = 1;

        MishapError(String from) {
            super(from);
        }
    }

    private static final String HANDLER = "uncaught exception handler";

    private final World world;
    private final double rate;
    private int thrown;
    private int reported;

    /** @param rate the share of the calls that throw */
    Mishaps(World world, double rate) {
        this.world = world;
        this.rate = rate;
    }

    /** Throws, perhaps, what the uncaught exception handler must get. */
    void maybeThrow(String from) {
        if (!world.chance(rate)) return;
        thrown++;
        throwFrom(from);
    }

    /** Throws, perhaps, what the SDK reports in another way. */
    void maybeThrowUncounted(String from) {
        if (world.chance(rate)) throwFrom(from);
    }

    private void throwFrom(String from) {
        world.happened("throw from " + from);
        world.trace("throws from " + from);
        if (world.chance(0.5)) throw new MishapException(from);
        throw new MishapError(from);
    }

    static boolean isMishap(Throwable thrown) {
        return thrown instanceof MishapException || thrown instanceof MishapError;
    }

    /** The uncaught exception handler of every thread of this world. */
    void onUncaught(Throwable uncaught) {
        if (!isMishap(uncaught)) {
            world.fail(uncaught);
        } else if (!HANDLER.equals(uncaught.getMessage())) {
            reported++;
        }
        maybeThrowUncounted(HANDLER);
    }

    /**
     * Checks that the handler got each throw once.
     *
     * @param deaths the processes that died, perhaps before they reported a throw
     */
    void check(int deaths) {
        if (reported > thrown || reported < thrown - deaths) {
            throw new Violation(thrown + " callbacks threw, " + reported + " throws reported");
        }
    }
}

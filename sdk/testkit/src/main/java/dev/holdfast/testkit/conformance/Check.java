package dev.holdfast.testkit.conformance;

/**
 * One check.
 *
 * @param id its name, used once
 * @param section the section of the protocol page, with the rule if it has a number
 * @param title what the server must do
 * @param alone whether no other check may run at the same time
 */
record Check(String id, String section, String title, boolean alone, Body body) {
    /** What the check does. It throws {@link Failure} or {@link Skipped}, or returns. */
    @FunctionalInterface
    interface Body {
        void run(Target target) throws Exception;
    }

    static Check check(String section, String id, String title, Body body) {
        return new Check(id, section, title, false, body);
    }

    static Check alone(String section, String id, String title, Body body) {
        return new Check(id, section, title, true, body);
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) throw new Failure(otherwise);
    }

    static void equal(Object expected, Object actual, String what) {
        if (!expected.equals(actual)) throw new Failure(what + " must be " + expected + ", but was " + actual);
    }
}

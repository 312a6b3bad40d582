package dev.holdfast.conformance;

/**
 * One check.
 *
 * @param id its name, used once
 * @param section the section of the protocol page, with the rule if it has a number
 * @param title what the server must do
 * @param alone whether no other check may run at the same time
 * @param carrier what it runs over
 */
record Check(String id, String section, String title, boolean alone, Carrier carrier, Body body) {
    /** What a check runs over. */
    enum Carrier {
        /** A WebSocket, and HTTP where a server offers it. */
        ANY,
        WEB_SOCKET,
        HTTP
    }

    private static final String PREFIX = "http-";

    /** The check itself. It throws {@link Failure} or {@link Skipped}, or returns. */
    @FunctionalInterface
    interface Body {
        void run(Target target) throws Exception;
    }

    static Check check(String section, String id, String title, Body body) {
        return new Check(id, section, title, false, Carrier.ANY, body);
    }

    static Check alone(String section, String id, String title, Body body) {
        return new Check(id, section, title, true, Carrier.ANY, body);
    }

    /** A check of what only a WebSocket has. */
    static Check webSocket(String section, String id, String title, Body body) {
        return new Check(id, section, title, false, Carrier.WEB_SOCKET, body);
    }

    /** A check of section 15. */
    static Check http(String id, String title, Body body) {
        return new Check(PREFIX + id, "15", title, false, Carrier.HTTP, body);
    }

    /** Returns the same check over HTTP. */
    Check overHttp() {
        return new Check(
                PREFIX + id,
                "15; " + section,
                title + " (over HTTP)",
                alone,
                Carrier.HTTP,
                target -> body.run(target.overHttp(true)));
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) throw new Failure(otherwise);
    }

    static void equal(Object expected, Object actual, String what) {
        if (!expected.equals(actual)) throw new Failure(what + " must be " + expected + ", but was " + actual);
    }
}

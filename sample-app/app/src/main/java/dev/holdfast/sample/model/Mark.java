package dev.holdfast.sample.model;

/** How far a message has come. */
public enum Mark {
    /** In the queue. */
    WAITING("waiting", "\u2026"),
    /** In a socket, once at least. */
    WRITTEN("written", "\u2713"),
    /** The server has handled it. */
    ACKNOWLEDGED("acknowledged", "\u2713\u2713"),
    /** It ended in any other way, which the client was told. */
    FAILED("failed", "\u2717"),
    /** It is the server's. */
    RECEIVED("received", "");

    private final String label;
    private final String sign;

    Mark(String label, String sign) {
        this.label = label;
        this.sign = sign;
    }

    /** In a word. */
    public String label() {
        return label;
    }

    /** In a sign, empty for what needs none. */
    public String sign() {
        return sign;
    }
}

package dev.holdfast.sample.model;

/** The progress of a message. */
public enum Mark {
    /** The message is in the queue. */
    WAITING("waiting", "\u2026"),
    /** The message has been written to a socket at least once. */
    WRITTEN("written", "\u2713"),
    /** The server has handled the message. */
    ACKNOWLEDGED("acknowledged", "\u2713\u2713"),
    /** The message ended in any other way, which the client reported. */
    FAILED("failed", "\u2717"),
    /** The message is from the server. */
    RECEIVED("received", "");

    private final String label;
    private final String sign;

    Mark(String label, String sign) {
        this.label = label;
        this.sign = sign;
    }

    /** Returns the mark as a word. */
    public String label() {
        return label;
    }

    /** Returns the mark as a symbol; empty if it needs none. */
    public String sign() {
        return sign;
    }
}

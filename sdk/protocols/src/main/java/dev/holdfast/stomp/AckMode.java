package dev.holdfast.stomp;

/** How the messages of a subscription are acknowledged. */
public enum AckMode {
    /** The broker counts a message as handled when it has sent it. A message that is lost with its connection stays lost. */
    AUTO("auto"),
    /**
     * {@link StompMessage#ack} acknowledges a message and all earlier ones of the subscription on its connection. So does {@link
     * StompMessage#nack}, but with a {@link ResumeAfter} the listener receives only that one message again, see there.
     */
    CLIENT("client"),
    /** {@link StompMessage#ack} acknowledges one message. */
    CLIENT_INDIVIDUAL("client-individual");

    private final String text;

    AckMode(String text) {
        this.text = text;
    }

    /** Returns the value of the header {@code ack}. */
    @Override
    public String toString() {
        return text;
    }
}

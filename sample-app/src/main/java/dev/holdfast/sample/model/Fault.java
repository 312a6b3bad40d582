package dev.holdfast.sample.model;

/** What can be done to the conversation, once or for as long as it is switched on. */
public enum Fault {
    CUT("Cut", "Resets the TCP connection"),
    RESTART("Restart server", "The server goes down and comes back with its log"),
    RESTART_WITHOUT_LOG("Restart, log lost", "The server comes back and knows the session, but not its messages"),
    EXPIRE_SESSION("Expire session", "The server forgets the session"),
    EXPIRE_CREDENTIAL("Expire token", "The server takes the client's token no more"),
    DRAIN("Drain", "The server asks the client to move to a new connection"),
    SUSPEND("Suspend app", "Stops this process, window and all, for a while, as a sleeping machine would"),
    HOLE_OUT("Black hole out", "Nothing gets through to the server, and nobody is told", true),
    HOLE_IN("Black hole in", "Nothing gets through to the client, and nobody is told", true),
    REFUSE("Refuse", "New connections are refused", true),
    NETWORK_OFF("Network off", "Nothing gets through, and the system says that there is no network", true);

    private final String label;
    private final String explanation;
    private final boolean lasting;

    Fault(String label, String explanation) {
        this(label, explanation, false);
    }

    Fault(String label, String explanation, boolean lasting) {
        this.label = label;
        this.explanation = explanation;
        this.lasting = lasting;
    }

    /** What its button says. */
    public String label() {
        return label;
    }

    /** In a sentence. */
    public String explanation() {
        return explanation;
    }

    /** Whether it is switched on and off. */
    public boolean isLasting() {
        return lasting;
    }
}

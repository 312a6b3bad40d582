package dev.holdfast.socketio;

/** The fate of the events that the server emitted while the client was disconnected. More constants may be added. */
public enum Recovery {
    /** The client was connected for the first time, so nothing was missed. */
    FIRST,
    /** The session goes on: its id and rooms are the same, and the server has sent again what the client missed. */
    RECOVERED,
    /**
     * The server could not recover the session: it has expired, the server was restarted, the client had received no event yet,
     * or the server did not know that the old connection was gone. Events may be missing, and rooms are lost.
     */
    GAP,
    /** The server does not recover sessions. Events that it emitted meanwhile are missing, and rooms are lost. */
    NEVER
}

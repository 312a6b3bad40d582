package dev.holdfast.simulation;

/** A bug that is planted, to see whether the simulation of both carriers finds it. */
public enum CarrierBug {
    NONE,
    /** The server takes each copy of a request. */
    NUMBER_IGNORED,
    /** The client sends messages again under new seqs if it gets no answer. */
    RESENT_UNDER_NEW_SEQS,
    /** The client takes 204 for an acknowledgement. */
    TAKEN_FOR_ACKNOWLEDGED,
    /** The client still reads a stream that it has given up. */
    OLD_STREAM_READ,
    /** The server passes what comes late on an old connection to the new one. */
    NO_FENCE,
    /** The server opens a second connection for a copy of an opening. */
    OPENED_TWICE,
    /** The server answers a poll that comes again with what follows. */
    POLL_NOT_REPEATED,
    /** The server answers both copies of a poll that waits, each with something else. */
    POLL_ANSWERED_TWICE,
    /** Two events change places. */
    EVENTS_SWAPPED,
    /** The end of a connection over HTTP is not reported. */
    END_UNREPORTED
}

package dev.holdfast.internal.session;

/** The record of one message in the store of a client. The journal that made it owns the key. */
public final class StoreRecord {
    private final Journal journal;
    /** Written with the journal's lock held. Volatile, because a journal that is closed is read without it. */
    private volatile long key;

    public StoreRecord(Journal journal) {
        this.journal = journal;
    }

    Journal journal() {
        return journal;
    }

    /** Returns the record's key, 0 before the record is first written. */
    public long key() {
        return key;
    }

    public void setKey(long key) {
        this.key = key;
    }
}

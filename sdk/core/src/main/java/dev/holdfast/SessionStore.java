package dev.holdfast;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Keeps what must survive the process: a transactional map from numbers to records. The client decides what is in a record; a
 * store knows nothing of messages and sessions. {@link HoldfastClientBuilder#store} takes it.
 *
 * <p>A client calls the methods one after another, each on an I/O thread of the SDK and never on a thread of the application's:
 * {@link #open} first, then {@link #commit} any number of times, and {@link #close} last. After {@code close} the same object
 * may be opened again, by another client for example.
 *
 * <p>A method may block for as long as the disk does, but the client waits for it for 30 to 35 s only. Then the store counts as
 * failed ({@link StoreException.Kind#TIMED_OUT}), and the client goes on or ends without it. When the call returns at last, {@code
 * close} is called on the same thread. Until then the store belongs to that client. A store that reports such a failure itself, with
 * a message that says more, does so sooner than that.
 *
 * <p>Implement it for a storage engine that the SDK does not know. All of {@link #commit} is one transaction: another open, in
 * this process or after a crash in any moment, finds all of its changes or none.
 */
public interface SessionStore {
    /**
     * Opens the store, and creates it if there is none. From now on it belongs to this caller: until {@link #close}, or the end
     * of the process, every other open of the same place fails, through this object, another one, or another process. A process
     * that was killed leaves no lock behind.
     *
     * @return all records by their keys, in any order. The caller may change the map, and does not change the bytes
     * @throws StoreException if another owner has the store ({@link StoreException.Kind#IN_USE}), if its content cannot be read
     *     ({@link StoreException.Kind#DAMAGED}), or if the disk fails. The store is closed then
     */
    Map<Long, byte[]> open() throws StoreException;

    /**
     * Makes all changes, or none. When it returns, they survive the end of the process; whether they survive a loss of power
     * is a setting of the store.
     *
     * @param changes at least one. No key occurs twice, so their order does not matter. The list and the bytes do not change,
     *     and the store may keep both
     * @throws StoreException if the changes could not be made. None of them is made then, and the client does not call this
     *     method again
     */
    void commit(List<StoreChange> changes) throws StoreException;

    /**
     * Closes the store and lets another owner open it. It loses nothing that was committed. Has no effect if the store is not
     * open. It must not throw.
     */
    void close();

    /**
     * Returns a store that encrypts the records of another one.
     *
     * @param store keeps the encrypted records, and is used by nobody else
     * @param cipher the application's cipher
     * @return the store for {@link HoldfastClientBuilder#store}
     */
    static SessionStore encrypted(SessionStore store, StoreCipher cipher) {
        return new EncryptedStore(Objects.requireNonNull(store, "store"), Objects.requireNonNull(cipher, "cipher"));
    }

    /**
     * Returns whether the store may be an old copy: one that a backup, for example, has put in the place of a newer one. What
     * waits in an old copy may have been sent since. If this returns true and the server no longer knows the session, the
     * restored messages that waited end as {@link Outcome.Kind#UNKNOWN}, so that none arrives twice. If it returns false, they
     * go out in the new session. Default: true.
     *
     * @return false only if no copy can come back, as in a folder that no backup contains
     */
    default boolean mayBeOldCopy() {
        return true;
    }
}

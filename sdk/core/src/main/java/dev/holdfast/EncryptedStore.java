package dev.holdfast;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A store that encrypts the records of another one. The keys of the records are plain: they are numbers of messages. */
final class EncryptedStore implements SessionStore {
    private final SessionStore store;
    private final StoreCipher cipher;

    EncryptedStore(SessionStore store, StoreCipher cipher) {
        this.store = store;
        this.cipher = cipher;
    }

    @Override
    public Map<Long, byte[]> open() throws StoreException {
        Map<Long, byte[]> plain = new HashMap<>();
        boolean decrypted = false;
        Map<Long, byte[]> encrypted = store.open();
        try {
            for (Map.Entry<Long, byte[]> record : encrypted.entrySet()) {
                plain.put(record.getKey(), cipher.decrypt(record.getValue()));
            }
            decrypted = true;
            return plain;
        } catch (GeneralSecurityException e) {
            throw new StoreException(
                    StoreException.Kind.DAMAGED,
                    "a record of the session store cannot be decrypted: it is damaged, or the key is another one",
                    e);
        } finally {
            if (!decrypted) store.close();
        }
    }

    @Override
    public void commit(List<StoreChange> changes) throws StoreException {
        List<StoreChange> encrypted = new ArrayList<>(changes.size());
        try {
            for (StoreChange change : changes) {
                byte[] bytes = change.bytes();
                encrypted.add(bytes == null ? change : StoreChange.put(change.key(), cipher.encrypt(bytes)));
            }
        } catch (GeneralSecurityException e) {
            throw new StoreException(
                    StoreException.Kind.FAILED, "a record of the session store cannot be encrypted", e);
        }
        store.commit(encrypted);
    }

    @Override
    public void close() {
        store.close();
    }

    @Override
    public boolean mayBeOldCopy() {
        return store.mayBeOldCopy();
    }
}

package dev.holdfast;

import java.security.GeneralSecurityException;

/**
 * Encrypts the records of a {@link SessionStore}, which hold payloads and the secret of the session. The application chooses the
 * cipher and keeps its key. Use an authenticated cipher, such as AES-GCM, with a fresh nonce for each record.
 *
 * <p>Called on I/O threads of the SDK, one call at a time. See {@link SessionStore#encrypted}.
 */
public interface StoreCipher {
    /**
     * Returns the encrypted record.
     *
     * @param record the plain bytes, not to be changed
     * @return all that {@link #decrypt} needs, the nonce included
     * @throws GeneralSecurityException if the record cannot be encrypted; the store has failed then
     */
    byte[] encrypt(byte[] record) throws GeneralSecurityException;

    /**
     * Returns the plain record.
     *
     * @param encrypted what {@link #encrypt} returned, not to be changed
     * @return the plain bytes
     * @throws GeneralSecurityException if the bytes are not such a record, or were encrypted with another key; the store is
     *     {@link StoreException.Kind#DAMAGED} then
     */
    byte[] decrypt(byte[] encrypted) throws GeneralSecurityException;
}

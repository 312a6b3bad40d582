package dev.holdfast;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One change of a {@link SessionStore}: a record that is written, or a key whose record is deleted. */
public final class StoreChange {
    private final long key;
    private final byte @Nullable [] bytes;

    private StoreChange(long key, byte @Nullable [] bytes) {
        this.key = key;
        this.bytes = bytes;
    }

    /**
     * {@return a change that writes a record, in place of the one that the key may have}
     *
     * @param key the record's key, positive
     * @param bytes the record. They must not change afterwards
     */
    public static StoreChange put(long key, byte[] bytes) {
        return new StoreChange(key, Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * {@return a change that deletes the record of a key, and has no effect if there is none}
     *
     * @param key the record's key, positive
     */
    public static StoreChange delete(long key) {
        return new StoreChange(key, null);
    }

    /** {@return the record's key, positive} */
    public long key() {
        return key;
    }

    /** {@return the record's new bytes, not a copy; null if the record is deleted} */
    public byte @Nullable [] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof StoreChange)) return false;
        StoreChange that = (StoreChange) other;
        return key == that.key && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(key) + Arrays.hashCode(bytes);
    }

    /** Returns the key and the size, but not the content. */
    @Override
    public String toString() {
        return bytes == null ? "delete " + key : "put " + key + ", " + bytes.length + " bytes";
    }
}

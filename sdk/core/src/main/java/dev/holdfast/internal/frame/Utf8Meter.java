package dev.holdfast.internal.frame;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Measures the texts of one client, and keeps the block for it. Safe from any thread. */
public final class Utf8Meter {
    private static final int MIN_BLOCK = 32;

    /** 32 to 256 characters, the more the longer the texts are. Null before the first text, and while a thread uses it. */
    private final AtomicReference<char @Nullable []> free = new AtomicReference<>();

    /** Returns the same as {@link Utf8Length#of(String)}. */
    public long lengthOf(String text) {
        char[] block = blockFor(text);
        try {
            return Utf8Length.of(text, block);
        } finally {
            free.lazySet(block);
        }
    }

    /** Returns whether {@code text} is ASCII. */
    public boolean isAscii(String text) {
        char[] block = blockFor(text);
        try {
            return Utf8Length.isAscii(text, block);
        } finally {
            free.lazySet(block);
        }
    }

    private char[] blockFor(String text) {
        int needed = Math.min(text.length(), Utf8Length.BLOCK_CHARACTERS);
        char[] block = free.getAndSet(null);
        return block != null && block.length >= needed ? block : new char[Math.max(needed, MIN_BLOCK)];
    }
}

package dev.holdfast.internal.runtime;

import org.jspecify.annotations.Nullable;

/** The main thread of an Android application, found without Android on the class path. */
final class AndroidMainThread {
    private static final @Nullable Thread MAIN = find("android.os.Looper");

    private AndroidMainThread() {}

    static boolean isCurrent() {
        return MAIN != null && Thread.currentThread() == MAIN;
    }

    /**
     * Returns the thread of the main looper, or null if there is none.
     *
     * @param looperClass the looper's class: Android's, except in tests
     */
    static @Nullable Thread find(String looperClass) {
        try {
            Class<?> type = Class.forName(looperClass);
            Object looper = type.getMethod("getMainLooper").invoke(null);
            return looper == null ? null : (Thread) type.getMethod("getThread").invoke(looper);
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            return null;
        }
    }
}

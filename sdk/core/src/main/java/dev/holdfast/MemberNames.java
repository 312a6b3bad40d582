package dev.holdfast;

import java.lang.reflect.Field;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Whether the names of an application's fields and methods are those of its source code. */
enum MemberNames {
    /** No shrinker has been at work. */
    FROM_SOURCE,
    /** A shrinker has removed or renamed members of this program that no rule keeps. */
    SHRUNK,
    /** Android, where the next build may be shrunk. What that build refuses is refused in every build. */
    ANDROID;

    /** A class with a field that nothing reads. A shrinker renames the class, and renames or removes the field. */
    private static final class Canary {
        @SuppressWarnings("UnusedVariable") // A shrinker is expected to notice that.
        private final Object song = new Object();
    }

    /** Returns what holds in this process. */
    static MemberNames here() {
        if (isAndroid(System.getProperty("java.vm.name"))) return ANDROID;
        boolean kept = isCalled("Canary", Canary.class)
                && hasField("song", Canary.class)
                // In case the application's own rules keep all of the SDK.
                && isCalled("ByteString", ByteString.class);
        return kept ? FROM_SOURCE : SHRUNK;
    }

    static boolean isAndroid(@Nullable String vmName) {
        return "Dalvik".equals(vmName);
    }

    /** @param name without its package: a shrinker may replace the literal of a whole name as well */
    private static boolean isCalled(String name, Class<?> type) {
        return type.getName().endsWith(name);
    }

    private static boolean hasField(String name, Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (field.getName().equals(name)) return true;
        }
        return false;
    }
}

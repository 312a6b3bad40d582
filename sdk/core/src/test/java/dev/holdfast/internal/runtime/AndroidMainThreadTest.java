package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class AndroidMainThreadTest {
    private static final Thread MAIN = new Thread(() -> {}, "main of an Android application");

    /** As Android's. */
    public static class Looper {
        public static Looper getMainLooper() {
            return new Looper();
        }

        public Thread getThread() {
            return MAIN;
        }
    }

    /** As that of the stubs that applications are compiled against. */
    @SuppressWarnings("DoNotCallSuggester")
    public static class Stub {
        public static Looper getMainLooper() {
            throw new IllegalStateException("Stub!");
        }
    }

    /** As where nothing has been prepared. */
    public static class NoMain {
        public static Looper getMainLooper() {
            return null;
        }
    }

    @Test
    void findsTheMainLoopersThread() {
        assertSame(MAIN, AndroidMainThread.find(Looper.class.getName()));
    }

    @Test
    void elsewhereThereIsNone() {
        assertNull(AndroidMainThread.find(Stub.class.getName()));
        assertNull(AndroidMainThread.find(NoMain.class.getName()));
        assertNull(AndroidMainThread.find("no.such.Looper"));
        assertFalse(AndroidMainThread.isCurrent());
    }
}

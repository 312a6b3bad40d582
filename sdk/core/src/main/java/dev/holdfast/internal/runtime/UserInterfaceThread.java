package dev.holdfast.internal.runtime;

/**
 * Detects the single thread of a user interface toolkit: Android's main thread, JavaFX's application thread, or the event
 * dispatch thread of AWT and Swing. Such a thread runs one task after another.
 */
final class UserInterfaceThread {
    private static final String JAVAFX = "JavaFX Application Thread";
    private static final String AWT = "AWT-EventQueue-";

    private UserInterfaceThread() {}

    static boolean isCurrent() {
        return AndroidMainThread.isCurrent()
                || hasToolkitName(Thread.currentThread().getName());
    }

    private static boolean hasToolkitName(String name) {
        return name.equals(JAVAFX) || name.startsWith(AWT);
    }
}

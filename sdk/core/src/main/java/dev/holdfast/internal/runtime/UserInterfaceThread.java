package dev.holdfast.internal.runtime;

/**
 * The single thread of a user interface toolkit, as far as it can be told: Android's main thread, JavaFX's application
 * thread, or AWT's and Swing's event dispatch thread. Such a thread runs one task after another.
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

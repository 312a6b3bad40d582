package androidx.test.runner.intent;

/** A stand-in for the class of AndroidX Test, which Robolectric refers to. */
public final class IntentMonitorRegistry {
    private IntentMonitorRegistry() {}

    public static void registerInstance(IntentMonitor monitor) {}
}

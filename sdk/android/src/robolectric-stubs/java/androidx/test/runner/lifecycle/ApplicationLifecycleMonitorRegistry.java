package androidx.test.runner.lifecycle;

/** A stand-in for the class of AndroidX Test, which Robolectric refers to. */
public final class ApplicationLifecycleMonitorRegistry {
    private ApplicationLifecycleMonitorRegistry() {}

    public static void registerInstance(ApplicationLifecycleMonitor monitor) {}
}

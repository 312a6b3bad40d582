package androidx.test.runner.lifecycle;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** A stand-in for the class of AndroidX Test, which Robolectric refers to. */
public final class ActivityLifecycleMonitorRegistry {
    private static final AtomicReference<ActivityLifecycleMonitor> INSTANCE = new AtomicReference<>();

    private ActivityLifecycleMonitorRegistry() {}

    public static ActivityLifecycleMonitor getInstance() {
        return Objects.requireNonNull(INSTANCE.get());
    }

    public static void registerInstance(ActivityLifecycleMonitor monitor) {
        INSTANCE.set(monitor);
    }
}

package androidx.test.runner.lifecycle;

/** A stand-in for the type of AndroidX Test, which Robolectric refers to. */
public interface ApplicationLifecycleMonitor {}

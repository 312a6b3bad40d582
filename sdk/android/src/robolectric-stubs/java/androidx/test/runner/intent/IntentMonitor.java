package androidx.test.runner.intent;

/** A stand-in for the type of AndroidX Test, which Robolectric refers to. */
public interface IntentMonitor {}

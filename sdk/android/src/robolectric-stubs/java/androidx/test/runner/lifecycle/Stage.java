package androidx.test.runner.lifecycle;

/** A stand-in for the type of AndroidX Test, which Robolectric refers to. */
public enum Stage {
    PRE_ON_CREATE,
    CREATED,
    STARTED,
    RESUMED,
    PAUSED,
    STOPPED,
    RESTARTED,
    DESTROYED
}

package androidx.test.runner.intent;

/** A stand-in for the class of AndroidX Test, which Robolectric refers to. */
public final class IntentStubberRegistry {
    private IntentStubberRegistry() {}

    public static boolean isLoaded() {
        return false;
    }

    public static IntentStubber getInstance() {
        throw new IllegalStateException("no intent is stubbed");
    }
}

package androidx.test.runner.intent;

import android.app.Instrumentation.ActivityResult;
import android.content.Intent;

/** A stand-in for the type of AndroidX Test, which Robolectric refers to. */
public interface IntentStubber {
    ActivityResult getActivityResultForIntent(Intent intent);
}

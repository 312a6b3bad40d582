package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** A stand-in for the class of AndroidX Test, which Robolectric refers to. */
public final class InstrumentationRegistry {
    private static final AtomicReference<Instrumentation> INSTANCE = new AtomicReference<>();

    private InstrumentationRegistry() {}

    public static Instrumentation getInstrumentation() {
        return Objects.requireNonNull(INSTANCE.get());
    }

    public static void registerInstance(Instrumentation instrumentation, Bundle arguments) {
        INSTANCE.set(instrumentation);
    }
}

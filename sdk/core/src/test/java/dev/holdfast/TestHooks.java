package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;

/** Opens the builder's package-private door to tests in other packages. */
public final class TestHooks {
    private TestHooks() {}

    public static HoldfastClient.Builder in(Environment environment, HoldfastClient.Builder builder) {
        return builder.environment(environment);
    }
}

package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;

/** Opens the builder's package-private door to tests in other packages. */
public final class TestHooks {
    private TestHooks() {}

    public static HoldfastClientBuilder in(Environment environment, HoldfastClientBuilder builder) {
        builder.settings.environment = environment;
        return builder;
    }
}

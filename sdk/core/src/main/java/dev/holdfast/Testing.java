package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import java.util.Objects;

/**
 * The access of {@code holdfast-testkit} to the clocks, threads and network of a client. For that artifact alone: the package
 * of {@link Environment} is internal, is exported to it alone, and may change in any release. An application uses the test kit.
 */
public final class Testing {
    private Testing() {}

    /**
     * Sets the clocks, threads and network of a client. Takes the place of {@link HoldfastClientBuilder#ioExecutor}.
     *
     * @param builder the builder to change
     * @param environment the environment of the client
     * @return the builder
     */
    public static HoldfastClientBuilder environment(HoldfastClientBuilder builder, Environment environment) {
        Objects.requireNonNull(builder, "builder").settings.environment =
                Objects.requireNonNull(environment, "environment");
        return builder;
    }
}

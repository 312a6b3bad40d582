package dev.holdfast;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The failure of the futures of {@link HoldfastClient#opened} and {@link HoldfastClient#reconnect}: the client will not open.
 * It has stopped trying, was disconnected, has ended, or {@code reconnect} could open no other connection. {@link #failure} has
 * the details.
 */
public final class ConnectionFailedException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable ConnectionFailure failure;

    ConnectionFailedException(String message, @Nullable ConnectionFailure failure) {
        super(message, failure == null ? null : failure.cause());
        this.failure = failure;
    }

    /**
     * {@return the failure after which the client stopped; null if the application stopped it, or after the exception
     * was deserialized}
     */
    public @Nullable ConnectionFailure failure() {
        return failure;
    }
}

package dev.holdfast.jsonrpc;

import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call of a method on the server, with its parameters and settings. Immutable. */
public final class Call {
    private static final Duration MAX_TIMEOUT = Duration.ofDays(365);

    final String method;
    /** An array of parameters, an object, or null for none. */
    final @Nullable Object params;
    /** Null for the client's default. */
    final @Nullable Duration timeout;

    final boolean repeatable;
    final SendOptions options;

    private Call(
            String method,
            @Nullable Object params,
            @Nullable Duration timeout,
            boolean repeatable,
            SendOptions options) {
        this.method = method;
        this.params = params;
        this.timeout = timeout;
        this.repeatable = repeatable;
        this.options = options;
    }

    /**
     * {@return a call with parameters by position}
     *
     * @param method the name of the method
     * @param params null, text, numbers, booleans, {@link JsonValue}, lists, arrays of objects and maps of these, and what the
     *     codec can write
     */
    public static Call of(String method, @Nullable Object... params) {
        Object[] all = params.clone();
        return new Call(
                Objects.requireNonNull(method, "method"),
                all.length == 0 ? null : all,
                null,
                false,
                SendOptions.defaults());
    }

    /**
     * {@return a call with parameters by name}
     *
     * @param method the name of the method
     * @param params a map, or what the codec writes as a JSON object
     */
    public static Call named(String method, Object params) {
        return new Call(
                Objects.requireNonNull(method, "method"),
                Objects.requireNonNull(params, "params"),
                null,
                false,
                SendOptions.defaults());
    }

    /**
     * {@return this call with a time limit for its answer} The time runs while the call waits in the queue, and anew from when it
     * is first handed to a connection. Default: {@link JsonRpcBuilder#callTimeout}.
     *
     * @param newTimeout more than zero; over a year counts as a year
     */
    public Call timeout(Duration newTimeout) {
        return new Call(method, params, checked(newTimeout), repeatable, options);
    }

    static Duration checked(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, but was " + timeout);
        }
        return timeout.compareTo(MAX_TIMEOUT) > 0 ? MAX_TIMEOUT : timeout;
    }

    /**
     * {@return this call, marked as one that may be repeated} If its connection is lost before the answer, it is sent again on the
     * next one, until its time is up. Without the mark such a call fails with {@link NoAnswerException}, because the server may have
     * dealt with it.
     */
    public Call repeatable() {
        return new Call(method, params, timeout, true, options);
    }

    /**
     * {@return this call with options for the queue}
     *
     * @param newOptions priority and conflation; its expiry replaces the time limit in the queue; an idempotency key has no effect
     */
    public Call options(SendOptions newOptions) {
        return new Call(method, params, timeout, repeatable, Objects.requireNonNull(newOptions, "newOptions"));
    }

    /** Returns the method, but not the parameters. */
    @Override
    public String toString() {
        return "call of " + method + (repeatable ? ", repeatable" : "");
    }
}

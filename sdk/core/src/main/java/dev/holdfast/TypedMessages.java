package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A table of handlers for received messages, one for each type that a message can name in itself. {@link
 * HoldfastClientBuilder#typed} sets it.
 *
 * <pre>{@code
 * TypedMessages.discriminator("/type")
 *         .on("chat", ChatLine.class, this::show)
 *         .on("users", new TypeRef<List<User>>() {}, this::list)
 *         .otherwise(message -> log(message))
 * }</pre>
 *
 * <p>The client's {@link PayloadCodec} reads the message. A handler receives the object alone, on the callback executor. To
 * reply, it sends through the client, which the application keeps in a field. In a resumable session the message counts as
 * handled when the handler has returned. What a handler throws goes to the thread's uncaught exception handler.
 *
 * <p>The handler of {@link #otherwise} receives the messages that name no type, that name a type without a handler, or that the
 * codec cannot read. Without {@code otherwise}, such messages are dropped; if one cannot be read, the {@link PayloadException}
 * goes to the thread's uncaught exception handler.
 *
 * <p>This class only reads. An object that the application sends must have its type as a member of its own, here {@code type}.
 *
 * <p>Immutable.
 */
@CheckReturnValue
public final class TypedMessages {
    private static final class Handler<T> {
        final Type type;
        final Consumer<? super T> consumer;

        Handler(Type type, Consumer<? super T> consumer) {
            this.type = type;
            this.consumer = consumer;
        }

        /** @param value read as {@link #type} */
        @SuppressWarnings("unchecked") // The codec returns an object of the type that it was asked for.
        void accept(Object value) {
            consumer.accept((T) value);
        }
    }

    private final String pointer;
    private final Map<String, Handler<?>> handlers;
    private final @Nullable Consumer<? super Message> otherwise;

    private TypedMessages(
            String pointer, Map<String, Handler<?>> handlers, @Nullable Consumer<? super Message> otherwise) {
        this.pointer = pointer;
        this.handlers = handlers;
        this.otherwise = otherwise;
    }

    /**
     * {@return a table without a handler, for messages that name their type at one place}
     *
     * @param pointer where the type stands, a JSON pointer (RFC 6901) to a string or number, such as {@code /type}
     * @throws IllegalArgumentException if it is not a JSON pointer to a member
     */
    public static TypedMessages discriminator(String pointer) {
        if (!Objects.requireNonNull(pointer, "pointer").matches("(/([^/~]|~[01])*)+")) {
            throw new IllegalArgumentException(
                    "pointer must be a JSON pointer to a member, such as /type, but was " + pointer);
        }
        return new TypedMessages(pointer, new HashMap<>(), null);
    }

    /**
     * {@return a copy with one more handler}
     *
     * @param <T> the type to read the message as
     * @param type the type as it stands in the message
     * @param javaType the class to read the message as
     * @param handler called with each message of that type
     * @throws IllegalArgumentException if the type has a handler already
     */
    public <T> TypedMessages on(String type, Class<T> javaType, Consumer<? super T> handler) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(javaType, "javaType");
        return with(type, new Handler<T>(javaType, Objects.requireNonNull(handler, "handler")));
    }

    /**
     * {@return a copy with one more handler, for a generic type} Otherwise as {@link #on(String, Class, Consumer)}.
     *
     * @param <T> the type to read the message as
     * @param type the type as it stands in the message
     * @param javaType the generic type to read the message as
     * @param handler called with each message of that type
     */
    public <T> TypedMessages on(String type, TypeRef<T> javaType, Consumer<? super T> handler) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(javaType, "javaType");
        return with(type, new Handler<T>(javaType.type(), Objects.requireNonNull(handler, "handler")));
    }

    private TypedMessages with(String type, Handler<?> handler) {
        Map<String, Handler<?>> all = new HashMap<>(handlers);
        if (all.put(type, handler) != null) {
            throw new IllegalArgumentException("type " + type + " has a handler already");
        }
        return new TypedMessages(pointer, all, otherwise);
    }

    /**
     * {@return a copy with a handler for all other messages, which replaces an earlier one}
     *
     * @param handler called with each message that has no handler or cannot be read
     */
    public TypedMessages otherwise(Consumer<? super Message> handler) {
        return new TypedMessages(pointer, handlers, Objects.requireNonNull(handler, "handler"));
    }

    /** Calls the handler of a message. */
    void handle(Message message) {
        Handler<?> handler;
        Object value;
        try {
            String type = message.textAt(pointer);
            handler = type == null ? null : handlers.get(type);
            value = handler == null ? null : message.readAs(handler.type);
        } catch (PayloadException e) {
            if (otherwise == null) throw e;
            handler = null;
            value = null;
        }
        if (handler != null && value != null) {
            handler.accept(value);
        } else if (otherwise != null) {
            otherwise.accept(message);
        }
    }
}

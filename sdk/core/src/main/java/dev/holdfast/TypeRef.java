package dev.holdfast;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * A generic type that is kept at run time, for {@link Message#read(TypeRef)}: {@code new TypeRef<List<Line>>() {}}, with the
 * braces. Immutable.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {
    private final Type type;

    /**
     * Keeps the type argument of the subclass.
     *
     * @throws IllegalStateException if the subclass does not say a type argument
     */
    protected TypeRef() {
        Type superclass = getClass().getGenericSuperclass();
        if (!(superclass instanceof ParameterizedType)
                || ((ParameterizedType) superclass).getRawType() != TypeRef.class) {
            throw new IllegalStateException(
                    "a TypeRef needs a type argument and braces, as in new TypeRef<List<String>>() {}");
        }
        this.type = ((ParameterizedType) superclass).getActualTypeArguments()[0];
    }

    /** {@return the type} */
    public final Type type() {
        return type;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof TypeRef && ((TypeRef<?>) other).type.equals(type);
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }

    @Override
    public final String toString() {
        return name(type);
    }

    /** Returns the simple name of a class, the whole text of any other type. {@code Type.getTypeName} needs Android API 28. */
    static String name(Type type) {
        return type instanceof Class ? ((Class<?>) type).getSimpleName() : type.toString();
    }
}

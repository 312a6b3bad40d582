package dev.holdfast;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A mark for a class of the application whose objects are sent and received, so that a shrinker such as R8 or ProGuard keeps
 * the names of its fields, methods and constructors. The rules are in the SDK's jar. The mark holds for subclasses.
 *
 * <pre>{@code
 * @HoldfastMessage
 * public final class ChatLine { ... }
 * }</pre>
 *
 * <p>A class with an annotation of Jackson's on itself, a field, a method or a constructor is kept in the same way and needs no
 * mark. On Android, {@link JacksonCodec} refuses a class with neither; {@code docs/json.md} describes when it does so elsewhere.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface HoldfastMessage {}

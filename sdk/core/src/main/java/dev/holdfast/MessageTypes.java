package dev.holdfast;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.ser.BeanSerializerBuilder;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.impl.UnknownSerializer;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/**
 * A check of the types that a mapper writes or reads member by member. Jackson asks once for each type, when it first meets
 * one, wherever that is: as a message, in a collection, as a member of another object. A type for which the mapper has a
 * serializer, such as a number, a time, a collection, a tree or one of a module, is not checked.
 *
 * <p>It refuses types that are no messages ({@link NotMessages}), and types whose members' names a shrinker does not keep: the
 * other side would receive other names, and the message would still count as delivered.
 */
final class MessageTypes extends Module {
    /** The annotations of Jackson's that the SDK's rules for shrinkers name. */
    private static final String[] JACKSON = {
        "com.fasterxml.jackson.annotation.", "com.fasterxml.jackson.databind.annotation.Json"
    };

    /** The superclass of a record that was compiled for an Android that knows no records. */
    private static final String DESUGARED_RECORD = "com.android.tools.r8.RecordTag";

    private final MemberNames names;

    private MessageTypes(MemberNames names) {
        this.names = names;
    }

    /**
     * Returns a copy of a mapper that checks types.
     *
     * @throws IllegalArgumentException if the mapper cannot be copied
     */
    static ObjectMapper checked(ObjectMapper mapper, MemberNames names) {
        try {
            return mapper.copy().registerModule(new MessageTypes(names));
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(mapper.getClass().getName() + " must override copy()", e);
        }
    }

    /** A refusal on its way through Jackson, which would turn an IllegalArgumentException into one of its own. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private RefusedException(String message) {
            super(message, null, false, false);
        }

        IllegalArgumentException refusal() {
            return new IllegalArgumentException(getMessage());
        }

        /**
         * Looks for a refusal in what Jackson reports.
         *
         * @throws IllegalArgumentException if a refusal has caused it
         */
        static void rethrow(Throwable failure) {
            for (Throwable at = failure; at != null; at = at.getCause()) {
                if (at instanceof RefusedException) throw ((RefusedException) at).refusal();
            }
        }
    }

    @Override
    public String getModuleName() {
        return "holdfast-message-types";
    }

    @Override
    public Version version() {
        return Version.unknownVersion();
    }

    @Override
    public void setupModule(SetupContext context) {
        context.addBeanSerializerModifier(new Writing(names));
        context.addBeanDeserializerModifier(new Reading(names));
    }

    private static final class Writing extends BeanSerializerModifier {
        private static final long serialVersionUID = 1;
        private final MemberNames names;

        Writing(MemberNames names) {
            this.names = names;
        }

        @Override
        public BeanSerializerBuilder updateBuilder(
                SerializationConfig config, BeanDescription bean, BeanSerializerBuilder builder) {
            // Now, because Jackson may fail to build a serializer for a type of the JDK.
            checkType(config, bean);
            return builder;
        }

        @Override
        public JsonSerializer<?> modifySerializer(
                SerializationConfig config, BeanDescription bean, JsonSerializer<?> serializer) {
            // The second is that of a type without members.
            if (serializer instanceof BeanSerializerBase || serializer instanceof UnknownSerializer) {
                checkType(config, bean);
                checkNames(config, bean, names);
            }
            return serializer;
        }
    }

    private static final class Reading extends BeanDeserializerModifier {
        private static final long serialVersionUID = 1;
        private final MemberNames names;

        Reading(MemberNames names) {
            this.names = names;
        }

        @Override
        public JsonDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
            if (deserializer instanceof BeanDeserializerBase) {
                checkType(config, bean);
                checkNames(config, bean, names);
            }
            return deserializer;
        }
    }

    /** An application that describes a type in a mix-in knows what it sends. */
    private static boolean isDescribed(MapperConfig<?> config, BeanDescription bean) {
        return config.findMixInClassFor(bean.getBeanClass()) != null;
    }

    private static void checkType(MapperConfig<?> config, BeanDescription bean) {
        String reason = isDescribed(config, bean) ? null : NotMessages.reason(bean.getBeanClass());
        if (reason != null) throw new RefusedException(reason);
    }

    private static void checkNames(MapperConfig<?> config, BeanDescription bean, MemberNames names) {
        if (names == MemberNames.FROM_SOURCE) return;
        Class<?> type = bean.getBeanClass();
        // The name of the type counts as well: it may stand in the message.
        if (!isDescribed(config, bean) && !hasKeptNames(type)) throw unkept(type, type, names);
        for (BeanPropertyDefinition property : bean.findProperties()) {
            Class<?> owner = owner(property, type);
            if (!property.isExplicitlyNamed() && !hasKeptNames(owner)) throw unkept(type, owner, names);
        }
        if (isDesugaredRecord(type) && !isNamedInFull(bean)) {
            throw new RefusedException(
                    type.getName() + " is a record, and this build of the application has none: annotate"
                            + " each of its components with @JsonProperty(\"name\"), or make it a class");
        }
    }

    private static RefusedException unkept(Class<?> type, Class<?> owner, MemberNames names) {
        String inherited = owner == type ? "" : ", from which " + type.getName() + " inherits members,";
        String danger = names == MemberNames.ANDROID
                ? "a shrinker would rename its members in a release build"
                : "a shrinker has been at work and may have renamed its members";
        return new RefusedException(
                owner.getName() + inherited + " must be annotated with @HoldfastMessage, or its members"
                        + " with @JsonProperty: " + danger
                        + ", and the other side would receive other names. If your own rules keep"
                        + " them, use JacksonCodec.withUnannotatedMessages()");
    }

    private static Class<?> owner(BeanPropertyDefinition property, Class<?> type) {
        AnnotatedMember member = property.getPrimaryMember();
        return member == null ? type : member.getDeclaringClass();
    }

    /** Returns whether the SDK's rules for shrinkers keep the names of a type's members. */
    private static boolean hasKeptNames(Class<?> type) {
        if (type.isAnnotationPresent(HoldfastMessage.class) || NotMessages.isForeign(type)) return true;
        if (hasJackson(type)) return true;
        for (Field field : type.getDeclaredFields()) {
            if (hasJackson(field)) return true;
        }
        for (Method method : type.getDeclaredMethods()) {
            if (hasJackson(method)) return true;
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (hasJackson(constructor)) return true;
        }
        return false;
    }

    private static boolean hasJackson(AnnotatedElement element) {
        for (Annotation annotation : element.getDeclaredAnnotations()) {
            for (String prefix : JACKSON) {
                if (annotation.annotationType().getName().startsWith(prefix)) return true;
            }
        }
        return false;
    }

    private static boolean isDesugaredRecord(Class<?> type) {
        Class<?> superclass = type.getSuperclass();
        return superclass != null && superclass.getName().equals(DESUGARED_RECORD);
    }

    /** Returns whether each field has a name of its own in an annotation. */
    private static boolean isNamedInFull(BeanDescription bean) {
        int named = 0;
        for (BeanPropertyDefinition property : bean.findProperties()) {
            if (property.isExplicitlyNamed()) named++;
        }
        int fields = 0;
        for (Field field : bean.getBeanClass().getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) fields++;
        }
        return named >= fields;
    }
}

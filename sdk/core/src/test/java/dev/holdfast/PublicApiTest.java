package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The public surface of the SDK is a file, so that a change of it shows in review. After an intended change run {@code mvn
 * -pl sdk/core test -Dtest=PublicApiTest -Dapi.update=true}, and commit the file with the change.
 */
@Tag("slow")
class PublicApiTest {
    private static final Path FILE = Path.of("api", "holdfast-sdk.api");

    @Test
    void thePublicSurfaceIsTheOneInTheFile() throws Exception {
        String surface = surface();
        if (Boolean.getBoolean("api.update")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, surface);
        }
        assertEquals(
                read(), surface, "the public surface has changed: if that is intended, run with -Dapi.update=true");
    }

    private static String read() throws IOException {
        return Files.exists(FILE) ? Files.readString(FILE) : "";
    }

    private static String surface() throws Exception {
        TreeMap<String, Class<?>> types = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .importUrl(HoldfastClient.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation())) {
            if (type.getPackageName().startsWith("dev.holdfast.internal")) continue;
            Class<?> loaded = Class.forName(type.getName(), false, HoldfastClient.class.getClassLoader());
            if (isVisible(loaded)) types.put(loaded.getCanonicalName(), loaded);
        }
        return types.values().stream().map(PublicApiTest::describe).collect(Collectors.joining("\n"));
    }

    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) return false;
        if (!isVisible(type.getModifiers())) return false;
        return type.getDeclaringClass() == null || isVisible(type.getDeclaringClass());
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static boolean isVisible(Member member) {
        return isVisible(member.getModifiers()) && !member.isSynthetic();
    }

    private static String describe(Class<?> type) {
        Map<String, String> members = new TreeMap<>();
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field)) add(members, field, type(field.getAnnotatedType()) + " " + field.getName());
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor)) add(members, constructor, type.getSimpleName() + parameters(constructor));
        }
        for (Method method : type.getDeclaredMethods()) {
            if (!isVisible(method) || method.isBridge()) continue;
            String result = variables(method.getTypeParameters()) + type(method.getAnnotatedReturnType());
            add(members, method, result + " " + method.getName() + parameters(method));
        }
        return header(type)
                + " {\n"
                + members.values().stream()
                        .map(member -> "    " + member + "\n")
                        .collect(Collectors.joining())
                + "}\n";
    }

    /** Sorts members by name, constructors first, so that overloads stand together. */
    private static void add(Map<String, String> members, Member member, String text) {
        String name = member instanceof Constructor ? "" : member.getName();
        members.put(name + " " + text, modifiers(member) + text);
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface "
                : type.isInterface() ? "interface " : type.isEnum() ? "enum " : "class ";
        int implied = type.isInterface()
                ? Modifier.ABSTRACT | Modifier.STATIC
                : type.isEnum() ? Modifier.STATIC | Modifier.FINAL : 0;
        String header = words(type.getModifiers() & ~implied & ~Modifier.INTERFACE) + kind + type.getCanonicalName();
        header += variables(type.getTypeParameters()).stripTrailing();
        Stream<AnnotatedType> superclass = type.isInterface() || type.isEnum() || type.getSuperclass() == Object.class
                ? Stream.empty()
                : Stream.of(type.getAnnotatedSuperclass());
        List<String> above = Stream.concat(superclass, Arrays.stream(type.getAnnotatedInterfaces()))
                .map(PublicApiTest::type)
                .collect(Collectors.toList());
        return above.isEmpty() ? header : header + " : " + String.join(", ", above);
    }

    private static String modifiers(Member member) {
        int shown = Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT;
        boolean isDefault = member instanceof Method method && method.isDefault();
        int implied = member.getDeclaringClass().isInterface() ? Modifier.ABSTRACT | Modifier.PUBLIC : 0;
        return words(member.getModifiers() & shown & ~implied) + (isDefault ? "default " : "");
    }

    private static String words(int modifiers) {
        String words = Modifier.toString(modifiers);
        return words.isEmpty() ? "" : words + " ";
    }

    private static String parameters(Executable executable) {
        AnnotatedType[] types = executable.getAnnotatedParameterTypes();
        String parameters = Arrays.stream(types).map(PublicApiTest::type).collect(Collectors.joining(", ", "(", ")"));
        String thrown = Arrays.stream(executable.getAnnotatedExceptionTypes())
                .map(PublicApiTest::type)
                .sorted()
                .collect(Collectors.joining(", "));
        return thrown.isEmpty() ? parameters : parameters + " throws " + thrown;
    }

    private static String variables(TypeVariable<?>[] variables) {
        if (variables.length == 0) return "";
        return Arrays.stream(variables)
                .map(variable -> variable.getName() + bounds(" extends ", variable.getAnnotatedBounds()))
                .collect(Collectors.joining(", ", "<", "> "));
    }

    private static String bounds(String word, AnnotatedType[] bounds) {
        String all = Arrays.stream(bounds).map(PublicApiTest::type).collect(Collectors.joining(" & "));
        return all.isEmpty() || all.equals("Object") ? "" : word + all;
    }

    /** The type with its arguments, and a question mark if it may be null. */
    private static String type(AnnotatedType type) {
        return name(type) + (type.isAnnotationPresent(Nullable.class) ? "?" : "");
    }

    private static String name(AnnotatedType type) {
        if (type instanceof AnnotatedArrayType array) return type(array.getAnnotatedGenericComponentType()) + "[]";
        if (type instanceof AnnotatedTypeVariable) return type.getType().getTypeName();
        if (type instanceof AnnotatedWildcardType wildcard) {
            String lower = bounds(" super ", wildcard.getAnnotatedLowerBounds());
            return "?" + (lower.isEmpty() ? bounds(" extends ", wildcard.getAnnotatedUpperBounds()) : lower);
        }
        if (type instanceof AnnotatedParameterizedType generic) {
            Class<?> raw = (Class<?>) ((ParameterizedType) type.getType()).getRawType();
            return Arrays.stream(generic.getAnnotatedActualTypeArguments())
                    .map(PublicApiTest::type)
                    .collect(Collectors.joining(", ", shortened(raw) + "<", ">"));
        }
        return shortened((Class<?>) type.getType());
    }

    private static String shortened(Class<?> type) {
        String name = type.getCanonicalName();
        return !type.isPrimitive() && type.getPackageName().equals("java.lang")
                ? name.substring("java.lang.".length())
                : name;
    }
}

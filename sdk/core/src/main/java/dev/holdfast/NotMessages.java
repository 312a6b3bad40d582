package dev.holdfast;

import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.lang.reflect.Proxy;
import java.nio.channels.Channel;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * Types that are passed for a message by mistake. Jackson writes most of them as an empty shell, and some as something that
 * nobody wants to send. Each refusal names what to do instead.
 */
final class NotMessages {
    private static final String READ_IT = "read it, and send the text or the bytes";
    private static final String AWAIT_IT = "wait for its result, and send that";
    private static final String COLLECT_IT = "collect its elements in a list, and send that";
    private static final String JSON_TREE =
            "send(json.toString()) sends it as text, send(new RawValue(json.toString())) with"
                    + " Jackson's RawValue as a JSON value; to receive one, parse message.text()";

    /** Packages of types that an application does not declare. Jackson writes some by members that are no part of a message. */
    private static final String[] FOREIGN = {
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "com.sun.",
        "android.",
        "androidx.",
        "dalvik.",
        "libcore.",
        "kotlin.",
        "kotlinx.",
        "okio.",
        "okhttp3."
    };

    /** The types among them that are plain values and have a good form in JSON. */
    private static final String[] VALUES = {"kotlin.Pair", "kotlin.Triple"};

    /** Trees of other JSON libraries. */
    private static final String[] JSON_TREES = {
        "org.json.JSONObject",
        "org.json.JSONArray",
        "com.google.gson.JsonElement",
        "tools.jackson.core.TreeNode",
        "jakarta.json.JsonValue",
        "javax.json.JsonValue",
        "kotlinx.serialization.json.JsonElement"
    };

    private static final String SDK = NotMessages.class.getPackage().getName();
    private static final @Nullable CodeSource SDK_SOURCE = source(NotMessages.class);

    private NotMessages() {}

    /**
     * Refuses a type that has a good form in JSON as a member of an object, and none as a message.
     *
     * @throws IllegalArgumentException if it is such a type
     */
    static void refuseAsMessage(Class<?> type) {
        if (File.class.isAssignableFrom(type) || Path.class.isAssignableFrom(type)) throw refusal(type, READ_IT);
        if (Iterator.class.isAssignableFrom(type)) throw refusal(type, COLLECT_IT);
        if (type == Class.class) throw refusal(type, "send its name");
    }

    /** Returns why Jackson must not write or read a type member by member; null if it may. */
    static @Nullable String reason(Class<?> type) {
        String cure = cure(type);
        return cure == null ? null : text(type, cure);
    }

    private static @Nullable String cure(Class<?> type) {
        if (InputStream.class.isAssignableFrom(type)
                || Reader.class.isAssignableFrom(type)
                || Channel.class.isAssignableFrom(type)) return READ_IT;
        if (OutputStream.class.isAssignableFrom(type) || Writer.class.isAssignableFrom(type)) {
            return "send what was written to it";
        }
        if (Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type)) return AWAIT_IT;
        if (BaseStream.class.isAssignableFrom(type)) return COLLECT_IT;
        if (Throwable.class.isAssignableFrom(type)) return "send its message, or an object of the application's";
        if (isA(type, JSON_TREES)) return JSON_TREE;
        if (isA(type, "okhttp3.RequestBody", "okhttp3.ResponseBody")) {
            return "write it to an okio.Buffer, and send that";
        }
        if (type.getName().startsWith("java.util.Optional")) return "send its value";
        if (type.isSynthetic()) return "it is a lambda; call it, and send its result";
        if (isOfSdk(type)) return "it is a type of the SDK's; send a value of it that the receiver needs";
        if (isForeign(type)) {
            return "send text, bytes, a collection, a map, or an object of a class of the application's";
        }
        return null;
    }

    /** Returns whether the type or a supertype has one of these names. */
    private static boolean isA(Class<?> type, String... names) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (String name : names) {
                if (at.getName().equals(name)) return true;
            }
            for (Class<?> implemented : at.getInterfaces()) {
                if (isA(implemented, names)) return true;
            }
        }
        return false;
    }

    static boolean isForeign(Class<?> type) {
        // A proxy has the package of the platform and the members of the application's interface.
        if (Proxy.isProxyClass(type) || isA(type, VALUES)) return false;
        for (String prefix : FOREIGN) {
            if (type.getName().startsWith(prefix)) return true;
        }
        return false;
    }

    /** Returns whether the type is in a package of the SDK's and came with it: other code may share the package. */
    private static boolean isOfSdk(Class<?> type) {
        String name = type.getName();
        int end = name.lastIndexOf('.');
        if (end < 0) return false;
        String in = name.substring(0, end);
        boolean own = in.equals(SDK)
                || in.equals(SDK + ".websocket")
                || in.equals(SDK + ".protocol")
                || in.startsWith(SDK + ".internal");
        return own && Objects.equals(source(type), SDK_SOURCE);
    }

    /** Returns where a class was loaded from; null on Android. */
    private static @Nullable CodeSource source(Class<?> type) {
        return type.getProtectionDomain() == null
                ? null
                : type.getProtectionDomain().getCodeSource();
    }

    private static IllegalArgumentException refusal(Class<?> type, String cure) {
        return new IllegalArgumentException(text(type, cure));
    }

    private static String text(Class<?> type, String cure) {
        return type.getName() + " is not a message: " + cure;
    }
}

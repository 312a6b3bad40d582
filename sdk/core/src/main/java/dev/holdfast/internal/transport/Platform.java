package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.Buffer;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * The check that OkHttp and Okio are new enough. Build tools take the version that comes first or that another library asks
 * for, and an old one would fail in the middle of the first connection with an error that names no version.
 */
public final class Platform {
    private static final String OKHTTP = "5.4.0";
    private static final String OKIO = "3.16.0";
    private static final Pattern VERSION = Pattern.compile("-(\\d[\\w.]*(?:-[\\w.-]+)?)\\.jar$");

    private Platform() {}

    /** The result of the check, which is made once in a process. */
    private static final class Result {
        static final @Nullable String PROBLEM = problem();
    }

    /**
     * Checks OkHttp and Okio, the first time in a process.
     *
     * @throws IllegalStateException if one is too old: with the version found, the version needed, and the cure
     */
    public static void check() {
        String problem = Result.PROBLEM;
        if (problem != null) throw new IllegalStateException(problem);
    }

    private static @Nullable String problem() {
        if (!links(Platform::useOkHttp)) {
            return problem(
                    "OkHttp",
                    OKHTTP,
                    okHttpVersion(),
                    jars(OkHttpClient.class),
                    "com.squareup.okhttp3:okhttp",
                    "com.squareup.okhttp3:okhttp-jvm");
        }
        if (!links(Platform::useOkio)) {
            return problem(
                    "Okio", OKIO, null, jars(Buffer.class), "com.squareup.okio:okio", "com.squareup.okio:okio-jvm");
        }
        return null;
    }

    // ---- the newest methods that the SDK calls ----

    /** Calls what OkHttp 5.4 and 5.2 added. Nothing happens: a method is found, or not, before its object is missed. */
    @SuppressWarnings("NullAway")
    private static void useOkHttp() {
        Response response = nothing();
        Call call = nothing();
        try {
            response.socket();
        } catch (NullPointerException e) {
            call.addEventListener(EventListener.NONE);
        }
    }

    /** Calls what Okio 3.15 added, and OkHttp calls for each upgrade. */
    @SuppressWarnings({"NullAway", "CheckReturnValue"})
    private static void useOkio() {
        java.net.Socket socket = nothing();
        Okio.socket(socket);
    }

    /** Returns null, which no compiler or shrinker is to know. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    private static boolean links(Runnable use) {
        try {
            use.run();
        } catch (LinkageError e) {
            return false;
        } catch (RuntimeException e) {
            // The method is there.
        }
        return true;
    }

    // ---- the report ----

    private static String problem(
            String library, String needed, @Nullable String found, List<String> jars, String old, String current) {
        String first = jars.isEmpty() ? "" : jars.get(0);
        String version = found != null ? found : version(first);
        StringBuilder text = new StringBuilder("Holdfast needs " + library + " " + needed + " or later, but found "
                + (version == null ? "an older version" : version));
        if (!first.isEmpty()) text.append(" in ").append(first);
        if (jars.size() > 1) {
            text.append(". ")
                    .append(library)
                    .append(" is on the class path ")
                    .append(jars.size())
                    .append(" times, and ");
            text.append(first).append(" comes before ").append(String.join(", ", jars.subList(1, jars.size())));
        }
        return text.append(". Maven: exclude ")
                .append(old)
                .append(" from the dependency that brings the older version (mvn dependency:tree shows it), or manage ")
                .append(old)
                .append(" and ")
                .append(current)
                .append(" to ")
                .append(needed)
                .append(" or later. Gradle: add a constraint on ")
                .append(old)
                .append(':')
                .append(needed)
                .append(" or later (gradle dependencyInsight shows what brings the older one)")
                .toString();
    }

    /** Returns OkHttp's own word, which javac would replace by that of the OkHttp at hand; null if a shrinker removed it. */
    private static @Nullable String okHttpVersion() {
        try {
            return (String) Class.forName("okhttp3.OkHttp").getField("VERSION").get(null);
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            return null;
        }
    }

    /** Returns the version in a jar's name; null if there is none. */
    static @Nullable String version(String jar) {
        Matcher matcher = VERSION.matcher(jar);
        return matcher.find() ? matcher.group(1) : null;
    }

    /** Returns the names of the jars that hold a class, in the order of the class path; empty if there are none, as on Android. */
    private static List<String> jars(Class<?> type) {
        List<String> jars = new ArrayList<>();
        String file = type.getName().replace('.', '/') + ".class";
        ClassLoader loader = type.getClassLoader();
        if (loader == null) return jars;
        try {
            for (URL url : Collections.list(loader.getResources(file))) {
                String jar = jar(url.toString());
                if (jar != null && !jars.contains(jar)) jars.add(jar);
            }
        } catch (IOException | RuntimeException e) {
            // The report does without.
        }
        return jars;
    }

    /** Returns the name of the jar in the URL of a file in it, without the folders; null if it is in no jar. */
    static @Nullable String jar(String url) {
        int end = url.lastIndexOf("!/");
        if (end < 0) return null;
        String jar = url.substring(url.lastIndexOf('/', end - 1) + 1, end);
        return jar.endsWith(".jar") ? jar : null;
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Snapshot;
import dev.holdfast.websocket.HoldfastWebSocket;
import dev.holdfast.websocket.HoldfastWebSockets;
import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.ByteString;
import okio.Source;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every public method, factory and constructor rejects invalid arguments, new ones included. */
class ArgumentsTest {
    private static final Request REQUEST =
            new Request.Builder().url("http://localhost:1/").build();

    /** Limits of their own, said in the Javadoc. */
    private static final Set<String> SHORT = Set.of("OutboundQueue.withBatching");

    private static final HoldfastClient CLIENT = HoldfastClient.builder(REQUEST).build();
    private static final HoldfastWebSocket WEB_SOCKET =
            HoldfastWebSockets.create(new OkHttpClient()).newWebSocket(REQUEST, new WebSocketListener() {});

    /** A value of each type that has methods with arguments, or is one. */
    private static final Map<Class<?>, Object> SAMPLES = new HashMap<>();

    static {
        for (Object sample : Arrays.asList(
                "sample",
                new byte[1],
                ByteString.EMPTY,
                Duration.ofSeconds(1),
                RuntimeException.class,
                REQUEST,
                new Request.Builder(),
                new OkHttpClient(),
                new ObjectMapper(),
                (Appendable) System.out,
                new Random(1),
                Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(2)),
                Carrier.of(webSockets -> webSockets),
                ClientState.OPEN,
                Compression.deflate(),
                Credential.bearer("token"),
                FrameLog.to(line -> {}),
                Heartbeat.every(Duration.ofSeconds(1)),
                CLIENT,
                HoldfastClient.builder(REQUEST),
                Environment.system(),
                HoldfastWebSockets.create(new OkHttpClient()),
                HoldfastWebSockets.builder(new OkHttpClient()),
                ResumeFrom.jsonPointer("/id"),
                ResumeFrom.idFrom(text -> null),
                ResumeFrom.jsonPointer("/id").inQuery("after"),
                new ManualNetworkMonitor(),
                new Message("session", "id", Payload.text("\"text\""), new Payloads(null), null),
                EncodedPayload.text("\"text\""),
                JacksonCodec.lenient(),
                BinaryEnvelopes.empty(),
                TypedMessages.discriminator("/type"),
                Headers.of(),
                CLIENT.metrics(),
                Metrics.Counter.MESSAGES_SENT,
                OutboundQueue.ofBytes(100),
                Overflow.reject(),
                Outcome.Reason.QUEUE_FULL,
                Overflow.Policy.REJECT,
                Priority.NORMAL,
                RateLimit.ofMessages(1),
                Reaction.backoff(),
                ReconnectPolicy.standard(),
                ConnectRateLimit.perHost(1, Duration.ofSeconds(1)),
                SendOptions.defaults(),
                Session.resumable(),
                SessionSnapshotSample.SNAPSHOT)) {
            SAMPLES.put(sample.getClass(), sample);
        }
        SAMPLES.put(Object.class, "object");
        SAMPLES.put(TypeRef.class, new TypeRef<String>() {});
        SAMPLES.put(Throwable.class, new IllegalStateException("a sample"));
        SAMPLES.put(WebSocketListener.class, new WebSocketListener() {});
        SAMPLES.put(WEB_SOCKET.getClass(), WEB_SOCKET);
        SAMPLES.put(Source.class, new Buffer());
        SAMPLES.put(int[].class, new int[] {410});
        SAMPLES.put(int.class, 1);
        SAMPLES.put(long.class, 1L);
        SAMPLES.put(boolean.class, true);
    }

    /** Made as another process would leave it. */
    private static final class SessionSnapshotSample {
        static final SessionSnapshot SNAPSHOT = SessionSnapshot.of(
                new Snapshot("s", "k", "s-0", false, 1, Collections.emptyList(), Collections.emptyMap()),
                Collections.emptyList());
    }

    @AfterAll
    static void end() {
        WEB_SOCKET.cancel();
        CLIENT.cancel();
    }

    /** One argument of one method. */
    private record Argument(Executable executable, int index) {
        Parameter parameter() {
            return executable.getParameters()[index];
        }

        @Override
        public String toString() {
            return name(executable) + "(" + parameter().getName() + ")";
        }
    }

    static List<Argument> argumentsThatMustNotBeNull() {
        List<Argument> all = new ArrayList<>();
        executables().forEach(executable -> {
            AnnotatedType[] types = executable.getAnnotatedParameterTypes();
            for (int i = 0; i < types.length; i++) {
                boolean nullable = types[i].isAnnotationPresent(Nullable.class);
                if (!nullable && !executable.getParameterTypes()[i].isPrimitive()) all.add(new Argument(executable, i));
            }
        });
        return all;
    }

    @ParameterizedTest
    @MethodSource
    void argumentsThatMustNotBeNull(Argument argument) {
        Object[] values = samples(argument.executable);
        values[argument.index] = null;
        NullPointerException thrown = assertThrows(NullPointerException.class, () -> call(argument.executable, values));
        assertEquals(argument.parameter().getName(), thrown.getMessage());
    }

    static List<Method> durations() {
        return executables()
                .filter(executable ->
                        Arrays.asList(executable.getParameterTypes()).contains(Duration.class))
                .map(Method.class::cast)
                .filter(method -> !SHORT.contains(name(method)))
                .collect(Collectors.toList());
    }

    @ParameterizedTest
    @MethodSource("durations")
    void forEverIsALongTimeAndNoOverflow(Method method) throws Throwable {
        for (Duration forEver : List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofNanos(Long.MAX_VALUE))) {
            Object[] values = samples(method);
            for (int i = 0; i < values.length; i++) if (values[i] instanceof Duration) values[i] = forEver;
            call(method, values);
        }
    }

    @ParameterizedTest
    @MethodSource("durations")
    void noDurationIsNegative(Method method) {
        Object[] values = samples(method);
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Duration)
                values[i] = ChronoUnit.FOREVER.getDuration().negated();
        }
        assertThrows(IllegalArgumentException.class, () -> call(method, values));
    }

    @Test
    void thereAreArgumentsToLookAt() {
        assertTrue(
                argumentsThatMustNotBeNull().size() > 80,
                "" + argumentsThatMustNotBeNull().size());
        assertTrue(durations().size() > 15, "" + durations().size());
    }

    /** What an application calls with something. */
    private static Stream<Executable> executables() {
        Stream<Executable> all = Stream.empty();
        for (Class<?> type : publicTypes()) all = Stream.concat(all, executables(type));
        return Stream.concat(
                all,
                Arrays.stream(WEB_SOCKET.getClass().getDeclaredMethods())
                        .filter(method -> isDeclaredIn(WebSocket.class, method)
                                || isDeclaredIn(HoldfastWebSocket.class, method)));
    }

    private static boolean isDeclaredIn(Class<?> type, Method method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(declared -> declared.getName().equals(method.getName())
                        && Arrays.equals(declared.getParameterTypes(), method.getParameterTypes()));
    }

    private static List<Class<?>> publicTypes() {
        try {
            Path classes = Path.of(HoldfastClient.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            List<Class<?>> types = new ArrayList<>();
            for (String name : List.of("dev.holdfast", "dev.holdfast.websocket")) {
                try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
                    for (Path file : files.sorted().collect(Collectors.toList())) {
                        String simple = file.getFileName().toString();
                        if (!simple.endsWith(".class") || simple.equals("package-info.class")) continue;
                        Class<?> type = Class.forName(name + "." + simple.substring(0, simple.length() - 6));
                        if (isPublic(type)) types.add(type);
                    }
                }
            }
            return types;
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
    }

    private static Stream<Executable> executables(Class<?> type) {
        // What is open to be implemented, the application implements and the SDK calls.
        boolean open = Modifier.isAbstract(type.getModifiers());
        return Stream.concat(Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()))
                .filter(executable -> Modifier.isPublic(executable.getModifiers()) && !executable.isSynthetic())
                .filter(executable -> !open || Modifier.isStatic(executable.getModifiers()))
                .filter(executable -> executable.getParameterCount() > 0)
                .filter(executable -> !(type.isEnum() && executable.getName().equals("valueOf")));
    }

    private static Object[] samples(Executable executable) {
        return Arrays.stream(executable.getParameterTypes())
                .map(ArgumentsTest::sample)
                .toArray();
    }

    private static Object sample(Class<?> type) {
        Object sample = SAMPLES.get(type);
        if (sample != null) return sample;
        if (type.isEnum()) return type.getEnumConstants()[0];
        if (type.isInterface()) {
            return Proxy.newProxyInstance(
                    ArgumentsTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
        }
        throw new AssertionError("a sample of " + type + " is needed");
    }

    private static @Nullable Object call(Executable executable, @Nullable Object[] values) throws Throwable {
        executable.setAccessible(true);
        try {
            if (executable instanceof Constructor) return ((Constructor<?>) executable).newInstance(values);
            Method method = (Method) executable;
            boolean isStatic = Modifier.isStatic(method.getModifiers());
            return method.invoke(isStatic ? null : sample(method.getDeclaringClass()), values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static String name(Executable executable) {
        return executable.getDeclaringClass().getSimpleName() + "."
                + (executable instanceof Constructor ? "new" : executable.getName());
    }
}

package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.websocket.HoldfastWebSockets;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The errors for libraries that are too old, each on a class path of its own. */
@Timeout(30)
@Tag("slow")
class PlatformTest {
    /** An application. It returns what it saw. */
    public static final class Application implements BiFunction<String, String, String> {
        @Override
        public String apply(String url, String what) {
            try {
                if (what.equals("factory")) {
                    HoldfastWebSockets factory = HoldfastWebSockets.create(new OkHttpClient());
                    return "made " + factory.getClass();
                }
                CompletableFuture<String> received = new CompletableFuture<>();
                HoldfastClient client = HoldfastClient.builder(url)
                        .onMessage((from, message) -> received.complete(message.text()))
                        .onConnectionFailure((from, failure) -> received.complete(failure.toString()))
                        .build();
                client.connect();
                client.send("hello");
                String text = received.get(10, TimeUnit.SECONDS);
                client.cancel();
                return text;
            } catch (IllegalStateException e) {
                return String.valueOf(e.getMessage());
            } catch (Exception e) {
                return e.toString();
            }
        }
    }

    private static Path place(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Returns a jar of another version, from the folder of the build or else from the local repository. */
    private static Path jar(String group, String artifact, String version) throws Exception {
        String name = artifact + "-" + version + ".jar";
        Path copied = Path.of("target", "old-libraries", name);
        if (Files.exists(copied)) return copied;
        Path groups =
                place(OkHttpClient.class).getParent().getParent().getParent().resolveSibling(group);
        Path stored = groups.resolve(Path.of(artifact, version, name));
        assertTrue(Files.exists(stored), name + " is neither in target/old-libraries nor in the local repository");
        return stored;
    }

    private static String run(String url, String what, Path... first) throws Exception {
        List<URL> places = new ArrayList<>();
        for (Path jar : first) places.add(jar.toUri().toURL());
        for (Class<?> type : List.of(
                HoldfastClient.class, PlatformTest.class, OkHttpClient.class, Buffer.class, kotlin.Unit.class)) {
            places.add(place(type).toUri().toURL());
        }
        // Not closed: the threads of the client end a moment later.
        URLClassLoader loader = new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        @SuppressWarnings("unchecked") // It is the class above.
        BiFunction<String, String, String> application =
                (BiFunction<String, String, String>) loader.loadClass(Application.class.getName())
                        .getDeclaredConstructor()
                        .newInstance();
        return application.apply(url, what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "factory"})
    void okHttp4InFrontIsNamed(String what) throws Exception {
        String said = run("ws://localhost:1/", what, jar("okhttp3", "okhttp", "4.12.0"));
        String current = place(OkHttpClient.class).getFileName().toString();
        assertEquals(
                "Holdfast needs OkHttp 5.4.0 or later, but found 4.12.0 in okhttp-4.12.0.jar. OkHttp is on the class path 2"
                        + " times, and okhttp-4.12.0.jar comes before " + current
                        + ". Maven: exclude com.squareup.okhttp3:okhttp from the dependency that brings the older version"
                        + " (mvn dependency:tree shows it), or manage com.squareup.okhttp3:okhttp and"
                        + " com.squareup.okhttp3:okhttp-jvm to 5.4.0 or later. Gradle: add a constraint on"
                        + " com.squareup.okhttp3:okhttp:5.4.0 or later (gradle dependencyInsight shows what brings the older"
                        + " one)",
                said);
    }

    @Test
    void anOlderOkHttp5IsNamed() throws Exception {
        String said = run("ws://localhost:1/", "client", jar("okhttp3", "okhttp-jvm", "5.3.0"));
        assertTrue(
                said.startsWith("Holdfast needs OkHttp 5.4.0 or later, but found 5.3.0 in okhttp-jvm-5.3.0.jar"), said);
    }

    @Test
    void anOlderOkioIsNamed() throws Exception {
        String said = run("ws://localhost:1/", "client", jar("okio", "okio-jvm", "3.6.0"));
        assertTrue(said.startsWith("Holdfast needs Okio 3.16.0 or later, but found 3.6.0 in okio-jvm-3.6.0.jar"), said);
        assertTrue(said.contains("manage com.squareup.okio:okio and com.squareup.okio:okio-jvm to 3.16.0"), said);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOldestThatIsPromisedWorks(boolean old) throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            server.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onMessage(WebSocket socket, String text) {
                            socket.send("echo " + text);
                        }
                    })
                    .build());
            server.start();
            Path[] first = old
                    ? new Path[] {jar("okhttp3", "okhttp-jvm", "5.4.0"), jar("okio", "okio-jvm", "3.16.0")}
                    : new Path[0];
            assertEquals("echo hello", run(server.url("/").toString(), "client", first));
        }
    }
}

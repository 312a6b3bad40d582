package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application of text and bytes runs where there is no Jackson. */
@Timeout(30)
class WithoutJacksonTest {
    /** Loads the SDK and the application below anew, and finds no Jackson. */
    private static final class Loader extends ClassLoader {
        /** Classes of Jackson that something asked for. */
        final Queue<String> asked = new ConcurrentLinkedQueue<>();

        Loader() {
            super(WithoutJacksonTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("com.fasterxml.")) {
                asked.add(name);
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("dev.holdfast.")) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) throw new ClassNotFoundException(name);
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** The application. It returns what it saw. */
    public static final class Application implements BiFunction<String, String, String> {
        @Override
        public String apply(String url, String what) {
            BlockingQueue<String> received = new LinkedBlockingQueue<>();
            HoldfastClient client = HoldfastClient.builder(url)
                    .session(session(what))
                    .listener(new HoldfastListener() {
                        @Override
                        public void onMessage(HoldfastClient from, Message message) {
                            received.add(message.isBinary() ? message.bytes().hex() : message.text());
                        }
                    })
                    .addEventListener(FrameLog.to(line -> {}).withPayloadBytes(10))
                    .build();
            try {
                if (what.equals("object")) client.send(new StringBuilder[] {new StringBuilder("object")});
                client.connect();
                client.send("text");
                String first = received.poll(10, TimeUnit.SECONDS);
                client.send(new byte[] {1, 2});
                String second = received.poll(10, TimeUnit.SECONDS);
                return first + " " + second + " "
                        + client.snapshot().get(10, TimeUnit.SECONDS).isPresent();
            } catch (Exception e) {
                throw e instanceof RuntimeException thrown ? thrown : new IllegalStateException(e);
            } finally {
                client.cancel();
            }
        }
    }

    static Session session(String what) {
        switch (what) {
            case "resumable":
                return Session.resumable();
            case "resumeFrom":
                return Session.resumeFrom(ResumeFrom.jsonPointer("/id").inHeader("Last-Event-ID"));
            default:
                return Session.none();
        }
    }

    private static String run(String what) throws Exception {
        return run(what, new Loader());
    }

    private static String run(String what, Loader loader) throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            server.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onMessage(WebSocket socket, String text) {
                            socket.send("echo " + text);
                        }

                        @Override
                        public void onMessage(WebSocket socket, okio.ByteString bytes) {
                            socket.send(bytes);
                        }
                    })
                    .build());
            server.start();
            Class<?> application = loader.loadClass(Application.class.getName());
            @SuppressWarnings("unchecked") // It is the class above.
            BiFunction<String, String, String> instance = (BiFunction<String, String, String>)
                    application.getDeclaredConstructor().newInstance();
            return instance.apply(server.url("/").toString(), what);
        }
    }

    @Test
    void textAndBytesNeedNoJackson() throws Exception {
        Loader loader = new Loader();
        assertEquals("echo text 0102 false", run("text", loader));
        assertEquals(List.of(), List.copyOf(loader.asked));
    }

    @Test
    void aSessionThatReadsJsonSaysWhatIsMissing() {
        for (String what : List.of("resumable", "resumeFrom")) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> run(what));
            assertTrue(thrown.getMessage().startsWith("Session("), thrown.getMessage());
            assertTrue(
                    thrown.getMessage()
                            .endsWith(
                                    " needs com.fasterxml.jackson.core:jackson-core on the class path, 2.12 or later"),
                    thrown.getMessage());
        }
    }

    @Test
    void anObjectSaysWhatIsMissing() {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> run("object"));
        assertTrue(thrown.getMessage().contains("jackson-databind on the class path"), thrown.getMessage());
    }
}

package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpHeaders;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/** What the adapter does if Spring cannot send. */
@Timeout(60)
class SpringSendTest {
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<CloseStatus> closes = new LinkedBlockingQueue<>();
    private final AtomicInteger sends = new AtomicInteger();
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final AtomicBoolean failing = new AtomicBoolean(true);
    private final AtomicInteger pings = new AtomicInteger();
    private final AtomicReference<Throwable> closeFailure = new AtomicReference<>();
    private final AtomicReference<Runnable> whileSending = new AtomicReference<>(() -> {});
    private final CountDownLatch released = new CountDownLatch(1);
    private final HoldfastServer server = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
            .onError(failures::add)
            .build();

    @AfterEach
    void close() {
        server.close();
    }

    /** Opens a session; its welcome cannot be sent, and with that the connection may be over. */
    private void open(Throwable failure, boolean isOver) throws Exception {
        open.set(true);
        SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
        WebSocketSession session = session(failure, isOver);
        handler.afterConnectionEstablished(session);
        handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
        assertEquals(CloseStatus.GOING_AWAY, closes.poll(30, TimeUnit.SECONDS));
        handler.afterConnectionClosed(session, CloseStatus.GOING_AWAY);
        assertEquals(1, sends.getAndSet(0));
    }

    private WebSocketSession session(Throwable failure, boolean isOver) {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Sec-WebSocket-Protocol", HoldfastServer.SUBPROTOCOL);
        Map<String, Object> attributes = new ConcurrentHashMap<>();
        return (WebSocketSession) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {WebSocketSession.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "getAttributes":
                            return attributes;
                        case "getHandshakeHeaders":
                            return headers;
                        case "isOpen":
                            return open.get();
                        case "sendMessage":
                            // What follows a message that was not sent would hide that it is missing.
                            if (arguments[0] instanceof PingMessage) {
                                pings.incrementAndGet();
                                return null;
                            }
                            whileSending.get().run();
                            if (!failing.get() || sends.getAndIncrement() > 0) return null;
                            open.set(!isOver);
                            throw failure;
                        case "close":
                            Throwable refusal = closeFailure.getAndSet(null);
                            if (refusal != null) throw refusal;
                            closes.add((CloseStatus) arguments[0]);
                            return null;
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    @Test
    void anExceptionOfTheContainerIsReported() throws Exception {
        for (Throwable failure : new Throwable[] {new IllegalArgumentException("no"), new StackOverflowError("no")}) {
            open(failure, false);
            assertSame(failure, failures.poll(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void aCloseThatTheContainerDoesNotTakeIsReportedAndDoneWithoutAReason() throws Exception {
        Throwable failure = new IllegalArgumentException("no such reason");
        closeFailure.set(failure);
        SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
        WebSocketSession session = session(new IOException("not used"), false);
        sends.set(1);
        handler.afterConnectionEstablished(session);
        handler.handleMessage(session, new TextMessage("nonsense"));
        assertSame(failure, failures.poll(30, TimeUnit.SECONDS));
        CloseStatus closed = closes.poll(30, TimeUnit.SECONDS);
        assertEquals(new CloseStatus(4400, null), closed);
        handler.afterConnectionClosed(session, closed);
    }

    @Test
    void aConnectionThatIsAbortedDoesNotWaitForAThreadOfTheExecutor() throws Exception {
        ExecutorService oneThread = Executors.newSingleThreadExecutor();
        try (HoldfastServer bounded = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .executor(oneThread)
                .build()) {
            SpringWebSocketHandler handler = new SpringWebSocketHandler(bounded);
            CountDownLatch sending = new CountDownLatch(1);
            whileSending.set(() -> {
                sending.countDown();
                await(released);
            });
            WebSocketSession session = session(new IOException("closed"), true);
            handler.afterConnectionEstablished(session);
            handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
            await(sending);
            bounded.dropConnections();
            assertEquals(CloseStatus.GOING_AWAY, closes.poll(20, TimeUnit.SECONDS));
            handler.afterConnectionClosed(session, CloseStatus.GOING_AWAY);
        } finally {
            released.countDown();
            oneThread.shutdown();
        }
    }

    @Test
    void aCloseThatWaitsForAThreadOfTheExecutorKeepsItsCode() throws Exception {
        ExecutorService oneThread = Executors.newSingleThreadExecutor();
        try (HoldfastServer bounded = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .executor(oneThread)
                .build()) {
            SpringWebSocketHandler handler = new SpringWebSocketHandler(bounded);
            CountDownLatch sending = new CountDownLatch(1);
            whileSending.set(() -> {
                sending.countDown();
                await(released);
            });
            WebSocketSession session = session(new IOException("closed"), true);
            handler.afterConnectionEstablished(session);
            handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
            await(sending);
            bounded.shutDown(Duration.ZERO);
            CloseStatus closed = closes.poll(20, TimeUnit.SECONDS);
            assertEquals(CloseStatus.SERVICE_RESTARTED.withReason("server restarting"), closed);
            handler.afterConnectionClosed(session, closed);
        } finally {
            released.countDown();
            oneThread.shutdown();
        }
    }

    @Test
    void atMostOnePingWaits() throws Exception {
        SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
        CountDownLatch sending = new CountDownLatch(1);
        whileSending.set(() -> {
            sending.countDown();
            await(released);
        });
        WebSocketSession session = session(new IOException("not used"), false);
        failing.set(false);
        handler.afterConnectionEstablished(session);
        handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
        await(sending);
        for (int i = 0; i < 100; i++) server.ping();
        server.expireSessions();
        released.countDown();
        // The close frame comes after the pings.
        assertEquals(new CloseStatus(1001, "session expired"), closes.poll(30, TimeUnit.SECONDS));
        assertEquals(1, pings.get());
        handler.afterConnectionClosed(session, CloseStatus.GOING_AWAY);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectionThatWasLostIsNoFailure() throws Exception {
        open(new IOException("lost"), false);
        open(new IllegalStateException("closed"), true);
        assertTrue(failures.isEmpty(), failures::toString);
    }

    @Test
    void anErrorOfAConnectionThatIsOverIsNotReportedAndEndsTheConnection() throws Exception {
        failing.set(false);
        for (Throwable failure : new Throwable[] {new IOException("lost"), new IllegalStateException("closed")}) {
            open.set(true);
            SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
            WebSocketSession session = session(new IOException("not used"), false);
            handler.afterConnectionEstablished(session);
            assertEquals(1, server.openConnections());
            open.set(false);
            handler.handleTransportError(session, failure);
            assertEquals(0, server.openConnections());
        }
        assertEquals(List.of(), List.copyOf(failures), "what a lost client causes is no failure of the server");
    }

    @Test
    void ofTheErrorsOfAnOpenConnectionThoseThatALostClientCausesAreNotReported() throws Exception {
        failing.set(false);
        Throwable broken = new IllegalStateException("broken");
        for (Throwable failure : new Throwable[] {
            new IOException("lost"),
            new IllegalStateException(new TimeoutException("idle")),
            new IllegalArgumentException("bad frame", new IllegalStateException(new EOFException())),
            broken
        }) {
            SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
            WebSocketSession session = session(new IOException("not used"), false);
            handler.afterConnectionEstablished(session);
            handler.handleTransportError(session, failure);
            CloseStatus closed = closes.poll(30, TimeUnit.SECONDS);
            assertNotNull(closed);
            assertEquals(1011, closed.getCode());
            handler.afterConnectionClosed(session, closed);
        }
        assertEquals(List.of(broken), List.copyOf(failures));
    }

    /** Tomcat reports the loss of a connection before it closes. */
    @Test
    void whatCameBeforeAConnectionWasLostIsHandled() throws Exception {
        failing.set(false);
        for (boolean isOver : new boolean[] {true, false}) {
            open.set(true);
            CountDownLatch atWork = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            BlockingQueue<Long> handled = new LinkedBlockingQueue<>();
            try (HoldfastServer slow = HoldfastServer.builder((session, seq, payload) -> {
                        atWork.countDown();
                        await(goOn);
                        handled.add(seq);
                        return HandlerResult.accepted();
                    })
                    .onError(failures::add)
                    .build()) {
                SpringWebSocketHandler handler = new SpringWebSocketHandler(slow);
                WebSocketSession session = session(new IOException("not used"), false);
                CountDownLatch welcomed = new CountDownLatch(1);
                whileSending.set(welcomed::countDown);
                handler.afterConnectionEstablished(session);
                handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
                await(welcomed);
                assertEquals(1, slow.store().size());
                handler.handleMessage(session, new TextMessage("{\"t\":\"msg\",\"c\":1,\"d\":1}"));
                await(atWork);
                handler.handleMessage(session, new TextMessage("{\"t\":\"msg\",\"c\":2,\"d\":2}"));
                handler.handleMessage(session, new TextMessage("{\"t\":\"bye\"}"));
                open.set(!isOver);
                handler.handleTransportError(session, new IOException("lost"));
                if (isOver) handler.afterConnectionClosed(session, CloseStatus.NO_CLOSE_FRAME);
                goOn.countDown();
                assertEquals(1, handled.poll(30, TimeUnit.SECONDS));
                assertEquals(2, handled.poll(30, TimeUnit.SECONDS));
                while (slow.store().size() > 0) Thread.onSpinWait();
                if (!isOver) {
                    CloseStatus closed = closes.poll(30, TimeUnit.SECONDS);
                    assertEquals(new CloseStatus(1011, "the connection failed"), closed);
                    handler.afterConnectionClosed(session, closed);
                }
            } finally {
                goOn.countDown();
            }
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    /** The server has no thread for a message once, of which Spring would hear. */
    @Test
    void aMessageThatTheServerCannotTakeEndsTheConnection() throws Exception {
        failing.set(false);
        RuntimeException noThread = new IllegalStateException("no thread");
        AtomicBoolean broken = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HoldfastServer without = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .executor(task -> {
                    if (broken.getAndSet(false)) throw noThread;
                    threads.execute(task);
                })
                .onError(failures::add)
                .build()) {
            SpringWebSocketHandler handler = new SpringWebSocketHandler(without);
            WebSocketSession session = session(new IOException("not used"), false);
            handler.afterConnectionEstablished(session);
            broken.set(true);
            handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
            assertSame(noThread, failures.poll(30, TimeUnit.SECONDS));
            CloseStatus closed = closes.poll(30, TimeUnit.SECONDS);
            assertEquals(1011, closed.getCode());
            handler.afterConnectionClosed(session, closed);
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aConnectionThatEndsWhileItOpensIsForgotten() throws Exception {
        open.set(false);
        new SpringWebSocketHandler(server).afterConnectionEstablished(session(new IOException("lost"), true));
        assertEquals(0, server.openConnections());
    }
}

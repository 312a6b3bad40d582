package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpHeaders;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/** What the adapter does if Spring cannot send. */
@Timeout(60)
class SpringSendTest {
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<CloseStatus> closes = new LinkedBlockingQueue<>();
    private final AtomicInteger sends = new AtomicInteger();
    private final AtomicBoolean open = new AtomicBoolean(true);
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
                            if (sends.getAndIncrement() > 0) return null;
                            open.set(!isOver);
                            throw failure;
                        case "close":
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
    void aConnectionThatWasLostIsNoFailure() throws Exception {
        open(new IOException("lost"), false);
        open(new IllegalStateException("closed"), true);
        assertTrue(failures.isEmpty(), failures::toString);
    }

    @Test
    void aConnectionThatEndsWhileItOpensIsForgotten() throws Exception {
        open.set(false);
        new SpringWebSocketHandler(server).afterConnectionEstablished(session(new IOException("lost"), true));
        assertEquals(0, server.openConnections());
    }
}

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

    /** Opens a session; its welcome cannot be sent. */
    private void open(Throwable failure) throws Exception {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Sec-WebSocket-Protocol", HoldfastServer.SUBPROTOCOL);
        Map<String, Object> attributes = new ConcurrentHashMap<>();
        WebSocketSession session = (WebSocketSession) Proxy.newProxyInstance(
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
                            throw failure;
                        case "close":
                            closes.add((CloseStatus) arguments[0]);
                            return null;
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
        SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
        handler.afterConnectionEstablished(session);
        handler.handleMessage(session, new TextMessage("{\"t\":\"open\"}"));
        assertEquals(CloseStatus.GOING_AWAY, closes.poll(30, TimeUnit.SECONDS));
        handler.afterConnectionClosed(session, CloseStatus.GOING_AWAY);
        assertEquals(1, sends.getAndSet(0));
    }

    @Test
    void anExceptionOfTheContainerIsReported() throws Exception {
        for (Throwable failure : new Throwable[] {new IllegalArgumentException("no"), new StackOverflowError("no")}) {
            open(failure);
            assertSame(failure, failures.poll(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void aConnectionThatWasLostIsNoFailure() throws Exception {
        open(new IOException("lost"));
        open.set(false);
        open(new IllegalStateException("closed"));
        assertTrue(failures.isEmpty(), failures::toString);
    }
}

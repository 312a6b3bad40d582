package dev.holdfast.interop;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** One WebSocket of the client, whose callbacks the test's thread takes one by one. */
final class Conversation extends WebSocketListener {
    private static final long LIMIT_SECONDS = 10;

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    Conversation(WebSocket.Factory factory, Request request) {
        socket = factory.newWebSocket(request, this);
    }

    record Opened(Response response) {}

    record Closing(int code, String reason) {}

    record Closed(int code, String reason) {}

    record Failed(Throwable cause) {}

    void send(String text) {
        if (!socket.send(text)) fail("the client does not take the message: " + events.poll());
    }

    void send(ByteString bytes) {
        if (!socket.send(bytes)) fail("the client does not take the message: " + events.poll());
    }

    void close(int code, String reason) {
        if (!socket.close(code, reason)) fail("the client does not take the close: " + events.poll());
    }

    void cancel() {
        socket.cancel();
    }

    Response takeOpened() throws InterruptedException {
        return take(Opened.class).response;
    }

    void takeText(String text) throws InterruptedException {
        String taken = take(String.class);
        if (!taken.equals(text)) fail("got the text " + brief(taken) + " instead of " + brief(text));
    }

    void takeBinary(ByteString bytes) throws InterruptedException {
        ByteString taken = take(ByteString.class);
        if (!taken.equals(bytes)) fail("got " + taken + " instead of " + bytes);
    }

    /** The next thing that the client tells, which must be of that kind. */
    <T> T take(Class<T> kind) throws InterruptedException {
        Object event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(event, "nothing came, not even an end");
        if (event instanceof Failed failed && kind != Failed.class) {
            throw new AssertionError("the connection failed", failed.cause);
        }
        return assertInstanceOf(kind, event, event::toString);
    }

    private static String brief(String text) {
        return '"' + text.substring(0, Math.min(40, text.length())) + "\" (" + text.length() + ")";
    }

    @Override
    public void onOpen(WebSocket webSocket, Response response) {
        events.add(new Opened(response));
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
        events.add(text);
    }

    @Override
    public void onMessage(WebSocket webSocket, ByteString bytes) {
        events.add(bytes);
    }

    @Override
    public void onClosing(WebSocket webSocket, int code, String reason) {
        events.add(new Closing(code, reason));
        webSocket.close(1000, null);
    }

    @Override
    public void onClosed(WebSocket webSocket, int code, String reason) {
        events.add(new Closed(code, reason));
    }

    @Override
    public void onFailure(WebSocket webSocket, Throwable cause, Response response) {
        events.add(new Failed(cause));
    }
}

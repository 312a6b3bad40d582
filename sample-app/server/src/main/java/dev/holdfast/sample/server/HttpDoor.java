package dev.holdfast.sample.server;

import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.HttpCarrier;
import dev.holdfast.server.HttpExchange;
import dev.holdfast.server.SendCallback;
import dev.holdfast.server.ServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** Takes connections over plain HTTP, at the path of the WebSockets: requests with the method POST. */
final class HttpDoor extends Handler.Wrapper {
    private final Front front;
    private final HttpCarrier carrier;

    HttpDoor(Front front, HoldfastServer engine, Handler others) {
        super(others);
        this.front = front;
        this.carrier = engine.http();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!HttpMethod.POST.is(request.getMethod())
                || !request.getHttpURI().getPath().equals(LiveListener.PATH)) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Access access = new Access(front.accessLog(), request);
        Content.Source.asByteArrayAsync(
                request,
                HttpCarrier.MAX_BODY_BYTES,
                Promise.Invocable.from(
                        Invocable.InvocationType.BLOCKING,
                        body -> carrier.handle(
                                new Exchange(request, response, callback, access),
                                new String(body, StandardCharsets.UTF_8)),
                        failure -> Response.writeError(
                                request,
                                response,
                                callback,
                                // Jetty's exception for a body over the maximum. A client must not take a body that
                                // broke off for one.
                                failure instanceof IllegalStateException
                                        ? HttpStatus.PAYLOAD_TOO_LARGE_413
                                        : HttpStatus.BAD_REQUEST_400,
                                "the body could not be read")));
        return true;
    }

    private record Exchange(Request request, Response response, Callback callback, Access access)
            implements HttpExchange {
        @Override
        public @Nullable String header(String name) {
            return request.getHeaders().get(name);
        }

        @Override
        public void respond(int status, @Nullable String contentType, String body) {
            switch (status) {
                case HttpStatus.OK_200 -> access.answered(status, "http");
                case HttpStatus.UNAUTHORIZED_401 -> {
                    access.refused(status, null);
                    response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                }
                case HttpStatus.FORBIDDEN_403 -> access.refused(status, header(HttpHeader.ORIGIN.asString()));
                default -> {
                    // An answer to one of the many requests of a connection.
                }
            }
            response.setStatus(status);
            if (contentType != null) response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
            response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
        }

        @Override
        public void write(boolean last, byte[] events, SendCallback written) {
            if (!response.isCommitted()) {
                response.setStatus(HttpStatus.OK_200);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
                response.getHeaders().put("X-Accel-Buffering", "no");
            }
            Callback whenWritten = Callback.from(written::succeeded, written::failed);
            response.write(last, ByteBuffer.wrap(events), last ? Callback.from(whenWritten, callback) : whenWritten);
        }

        @Override
        public void fail() {
            callback.failed(new IOException("the connection is over"));
        }

        @Override
        public void onOpened(ServerConnection connection) {
            var unused = connection.closed().thenRun(() -> access.closed(connection, " http", HttpStatus.OK_200, 0));
        }
    }
}

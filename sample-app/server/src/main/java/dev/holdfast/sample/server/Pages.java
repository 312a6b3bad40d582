package dev.holdfast.sample.server;

import dev.holdfast.server.HoldfastServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What the server answers to plain HTTP: a page that speaks the protocol, and its health. */
final class Pages extends Handler.Abstract {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NO_METHOD = 405;
    private static final int UPGRADE_REQUIRED = 426;

    /** The page loads nothing from anywhere else. */
    private static final String POLICY =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:";

    private final Front front;
    private final HoldfastServer engine;
    private final byte[] page;

    Pages(Front front, HoldfastServer engine) {
        this.front = front;
        this.engine = engine;
        try (InputStream resource = Pages.class.getResourceAsStream("page.html")) {
            if (resource == null) throw new IllegalStateException("page.html is missing");
            this.page = resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        boolean reads = HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
        int status = OK;
        if (!reads) {
            status = refuse(request, response, callback, NO_METHOD, "GET or HEAD only");
        } else if (path.equals("/")) {
            response.getHeaders().put("Content-Security-Policy", POLICY);
            answer(response, callback, "text/html; charset=utf-8", page);
        } else if (path.equals("/health")) {
            String health = "{\"status\":\"ok\",\"connections\":" + engine.openConnections() + "}\n";
            answer(response, callback, "application/json", health.getBytes(StandardCharsets.UTF_8));
        } else if (path.equals(LiveListener.PATH)) {
            response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
            status = refuse(request, response, callback, UPGRADE_REQUIRED, "a WebSocket is here");
        } else {
            status = refuse(request, response, callback, NOT_FOUND, "nothing is here");
        }
        new Access(front.accessLog(), request).answered(status, "");
        return true;
    }

    private static void answer(Response response, Callback callback, String type, byte[] body) {
        response.setStatus(OK);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private static int refuse(Request request, Response response, Callback callback, int status, String why) {
        Response.writeError(request, response, callback, status, why);
        return status;
    }
}

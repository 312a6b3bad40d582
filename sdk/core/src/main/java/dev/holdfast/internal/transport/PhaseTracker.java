package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Tracks one call: how far it has come, over which proxy and connection, and the last response. Written by OkHttp's threads,
 * read by any.
 */
final class PhaseTracker extends EventListener {
    /** A step of opening a WebSocket. */
    enum Step {
        /** The application's interceptors run. */
        INTERCEPTORS(Phase.UPGRADE),
        PROXY_SELECTION(Phase.UPGRADE),
        DNS(Phase.DNS),
        TCP(Phase.TCP),
        /** The HTTP proxy is connected and has not answered CONNECT. */
        TUNNEL(Phase.TCP),
        TLS(Phase.TLS),
        UPGRADE(Phase.UPGRADE),
        DONE(Phase.SESSION);

        final Phase phase;

        Step(Phase phase) {
            this.phase = phase;
        }
    }

    private final NoDelaySocketFactory sockets;

    private volatile Step step = Step.INTERCEPTORS;
    /** The URL of the last connection. */
    private volatile @Nullable HttpUrl url;

    private volatile @Nullable String lookedUp;
    /** The address of the last connection attempt. */
    private volatile @Nullable InetSocketAddress address;

    private volatile @Nullable Proxy proxy;
    private volatile @Nullable Connection connection;
    private volatile boolean released;
    private volatile @Nullable Response answer;
    private volatile int refusals;

    PhaseTracker(NoDelaySocketFactory sockets) {
        this.sockets = sockets;
    }

    /** A network interceptor behind the application's own, so that it sees what the server sent. */
    Response intercept(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        Response before = answer;
        refusals = before != null && before.code() == response.code() ? refusals + 1 : 1;
        answer = response;
        return response;
    }

    /** Returns the last response as the server sent it, with the request as it was sent; null before the first. */
    @Nullable
    Response answer() {
        return answer;
    }

    /** Returns the number of responses in a row that had the last one's status. */
    int sameAnswers() {
        return refusals;
    }

    /** Returns the socket below the one of an upgrade, null if that is not OkHttp's own. */
    @Nullable
    Socket plain(okio.Socket socket) {
        Connection acquired = connection;
        Response last = answer;
        return acquired != null && last != null && socket == last.socket() ? acquired.socket() : null;
    }

    Step step() {
        return step == Step.TCP && isTunnel() && sockets.hasConnected() ? Step.TUNNEL : step;
    }

    Phase phase() {
        return step().phase;
    }

    /** Returns the URL of the last connection, null before the first. */
    @Nullable
    HttpUrl url() {
        return url;
    }

    /** Returns the host name that was looked up last, a proxy's if there is one; null before the first. */
    @Nullable
    String lookedUp() {
        return lookedUp;
    }

    /** Returns the address of the last connection attempt, a proxy's if there is one; null before the first. */
    @Nullable
    InetSocketAddress address() {
        return address;
    }

    /** Returns the proxy of the current or last connection, null for a direct one. */
    @Nullable
    Proxy proxy() {
        Proxy used = proxy;
        return used == null || used.type() == Proxy.Type.DIRECT ? null : used;
    }

    /** Returns whether a request without TLS goes through an HTTP proxy, which OkHttp asks to forward it. */
    boolean isForwarded(Request request) {
        Proxy used = proxy;
        return used != null && used.type() == Proxy.Type.HTTP && !request.isHttps();
    }

    private boolean isTunnel() {
        Proxy used = proxy;
        HttpUrl asked = url;
        return asked != null && asked.isHttps() && used != null && used.type() == Proxy.Type.HTTP;
    }

    /** The response was a valid upgrade. What explains a failure of the handshake is no longer needed. */
    void upgraded() {
        step = Step.DONE;
        url = null;
        lookedUp = null;
        address = null;
        connection = null;
        answer = null;
        sockets.forgetAll();
    }

    @Override
    public void proxySelectStart(Call call, HttpUrl url) {
        step = Step.PROXY_SELECTION;
        this.url = url;
        // A redirect begins here too.
        sockets.forgetAll();
    }

    @Override
    public void dnsStart(Call call, String domainName) {
        lookedUp = domainName;
        step = Step.DNS;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        this.proxy = proxy;
        this.address = address;
        step = Step.TCP;
    }

    @Override
    public void secureConnectStart(Call call) {
        step = Step.TLS;
    }

    @Override
    public void connectFailed(
            Call call, InetSocketAddress address, Proxy proxy, okhttp3.@Nullable Protocol protocol, IOException ioe) {
        // The next route begins at the same step.
        step = step();
        sockets.forget(address);
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        this.connection = connection;
        released = false;
        proxy = connection.route().proxy();
        if (proxy.type() == Proxy.Type.SOCKS) sockets.tune(connection.socket());
        step = Step.UPGRADE;
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        released = true;
    }

    /** Returns whether OkHttp may give the connection of the last request to another call. */
    boolean isReleased() {
        return released;
    }

    /** Returns the connection of the last request, null before the first. */
    @Nullable
    Connection connection() {
        return connection;
    }
}

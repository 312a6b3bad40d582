package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Knows how far a call has come, and over which connection. Written by OkHttp's threads, read by any. */
final class PhaseTracker extends EventListener {
    private volatile Phase phase = Phase.DNS;
    private volatile @Nullable Connection connection;
    private volatile okio.@Nullable Socket upgraded;

    /** A network interceptor: shows a call's tracker the upgraded socket before another interceptor can put one in its place. */
    static Response showSocket(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        PhaseTracker tracker = chain.request().tag(PhaseTracker.class);
        if (tracker != null) tracker.upgraded = response.socket();
        return response;
    }

    /** The socket below the one that an upgrade has come to, null where that is not OkHttp's own. */
    @Nullable
    Socket plain(okio.Socket socket) {
        Connection acquired = connection;
        return acquired != null && socket == upgraded ? acquired.socket() : null;
    }

    Phase phase() {
        return phase;
    }

    /** The answer was as it should be. */
    void upgraded() {
        phase = Phase.SESSION;
    }

    @Override
    public void dnsStart(Call call, String domainName) {
        phase = Phase.DNS;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        phase = Phase.TCP;
    }

    @Override
    public void secureConnectStart(Call call) {
        phase = Phase.TLS;
    }

    /** So that what comes over the connection now is never taken for HTTP. */
    void closeConnection() {
        Connection acquired = connection;
        if (acquired != null) Streams.close(acquired.socket());
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        this.connection = connection;
        phase = Phase.UPGRADE;
    }
}

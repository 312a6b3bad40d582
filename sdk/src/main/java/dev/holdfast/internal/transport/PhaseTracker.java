package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;

/** Knows how far a call has come. Written by OkHttp's threads, read by any. */
final class PhaseTracker extends EventListener {
    private volatile Phase phase = Phase.DNS;

    Phase phase() {
        return phase;
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

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        phase = Phase.UPGRADE;
    }
}

package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;

/** The events of an application's OkHttp client: which calls began, and that each ends once. */
public final class CallLog extends EventListener {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    // Guarded by this.
    private final List<String> events = new ArrayList<>();

    private synchronized void add(String event) {
        events.add(event);
        notifyAll();
    }

    @Override
    public void callStart(Call call) {
        add("callStart");
    }

    @Override
    public void dnsStart(Call call, String domainName) {
        add("dnsStart");
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        add("connectStart");
    }

    @Override
    public void secureConnectStart(Call call) {
        add("secureConnectStart");
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        add("connectionAcquired");
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        add("connectionReleased");
    }

    @Override
    public void callEnd(Call call) {
        add("callEnd");
    }

    @Override
    public void callFailed(Call call, IOException ioe) {
        add("callFailed");
    }

    public synchronized int count(String event) {
        return Collections.frequency(events, event);
    }

    /** Waits until each call that began has ended, once, and each connection that was acquired is released. */
    public synchronized void awaitAllEnded() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (count("callEnd") + count("callFailed") < count("callStart")
                || count("connectionReleased") < count("connectionAcquired")) {
            waitUntil(deadline, "calls that did not end: " + events);
        }
        assertEquals(count("callStart"), count("callEnd") + count("callFailed"), "ends of calls: " + events);
        assertEquals(count("connectionAcquired"), count("connectionReleased"), "releases: " + events);
    }

    private void waitUntil(long deadline, String otherwise) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) fail(otherwise);
        TimeUnit.NANOSECONDS.timedWait(this, left);
    }
}

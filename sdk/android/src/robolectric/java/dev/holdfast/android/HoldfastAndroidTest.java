package dev.holdfast.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Application;
import android.net.ConnectivityManager;
import android.os.Looper;
import android.os.SystemClock;
import android.util.Log;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowLog;

@RunWith(RobolectricTestRunner.class)
@Config(sdk = {26, 30, 34, 35})
public final class HoldfastAndroidTest {
    @Rule
    public final EchoServer server = new EchoServer();

    private final Application application = RuntimeEnvironment.getApplication();

    @Before
    public void grant() {
        shadowOf(application).grantPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
    }

    /** The system forgets a client on an SDK thread: no client of this test may reach into the next. */
    @After
    public void nothingStaysRegistered() throws Exception {
        EchoServer.await(() -> networkCallbacks() == 0);
    }

    @Test
    public void oneLineSetsAClientUp() throws Exception {
        List<String> received = new ArrayList<>();
        List<Boolean> onMainThread = new ArrayList<>();
        HoldfastClient client = HoldfastAndroid.builder(application, server.url())
                .onMessage((c, message) -> {
                    received.add(message.text());
                    onMainThread.add(Looper.getMainLooper().isCurrentThread());
                })
                .build();
        client.connect();
        for (int i = 0; i < 100; i++) client.send("message " + i);
        EchoServer.await(() -> received.size() == 100);
        for (int i = 0; i < 100; i++) assertEquals("message " + i, received.get(i));
        assertFalse(onMainThread.contains(false));
        assertEquals(1, networkCallbacks());
        client.cancel();
    }

    @Test
    public void sleepCountsForTimesToLive() throws Exception {
        HoldfastClient client =
                HoldfastAndroid.builder(application, server.url()).build();
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        var unused = client.send("old", SendOptions.expiringAfter(Duration.ofMinutes(1)))
                .outcome()
                .thenAccept(outcome::set);
        // The device sleeps: its clock goes on, and no timer runs.
        SystemClock.setCurrentTimeMillis(
                SystemClock.uptimeMillis() + Duration.ofHours(1).toMillis());
        client.connect();
        EchoServer.await(() -> outcome.get() != null);
        assertEquals(Outcome.Kind.EXPIRED, outcome.get().kind());
        client.cancel();
    }

    @Test
    public void aFailureThatNobodyListensToIsInLogcat() throws Exception {
        server.refuse(true);
        HoldfastClient client = HoldfastAndroid.builder(application, server.url() + "?key=secret")
                .build();
        client.connect();
        EchoServer.await(() -> !ShadowLog.getLogsForTag("Holdfast").isEmpty());
        ShadowLog.LogItem line = ShadowLog.getLogsForTag("Holdfast").get(0);
        assertEquals(Log.WARN, line.type);
        assertTrue(line.msg, line.msg.contains("upgrade refused with HTTP 503"));
        assertFalse(line.msg, line.msg.contains("secret"));
        client.cancel();
    }

    @Test
    public void theMainThreadKeepsTheOrder() {
        List<String> order = new ArrayList<>();
        Executor main = HoldfastAndroid.mainThread();
        main.execute(() -> {
            main.execute(() -> order.add("third"));
            order.add("first");
        });
        main.execute(() -> order.add("second"));
        assertTrue("nothing runs at once", order.isEmpty());
        shadowOf(Looper.getMainLooper()).idle();
        assertEquals(List.of("first", "second", "third"), order);
    }

    @Test
    public void waitingOnTheMainThreadIsRefused() throws Exception {
        HoldfastClient client =
                HoldfastAndroid.builder(application, server.url()).build();
        client.connect();
        EchoServer.awaitState(client, ClientState.OPEN);
        shadowOf(Looper.getMainLooper()).idle();
        assertThrows(IllegalStateException.class, () -> client.reconnect().get());
        client.cancel();
    }

    @Test
    public void doesNoInputOrOutputOnTheMainThread() throws Exception {
        List<HoldfastClient> built = new ArrayList<>();
        List<String> io = MainThreadIo.during(() -> {
            HoldfastClient client =
                    HoldfastAndroid.builder(application, server.url()).build();
            built.add(client);
            AndroidLifecycle.disconnectInBackground(application, client, Duration.ofSeconds(5));
            client.connect();
            client.send("hello");
            var pong = client.ping();
            client.disconnect();
            client.connect();
            client.send("hello again", SendOptions.expiringAfter(Duration.ofMinutes(1)));
            client.metrics();
            var snapshot = client.snapshot();
            client.close();
            assertFalse(pong.isDone() && snapshot.isDone());
        });
        assertEquals(List.of(), io);
        EchoServer.awaitState(built.get(0), ClientState.CLOSED);
    }

    @Test
    public void inputAndOutputWouldBeSeen() throws Exception {
        List<String> io = MainThreadIo.during(() -> {
            try (java.net.Socket socket = new java.net.Socket()) {
                socket.connect(new java.net.InetSocketAddress(
                        "localhost", java.net.URI.create(server.url()).getPort()));
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
            assertFalse(new java.io.File("/no/such/file").exists());
        });
        assertTrue(io.toString(), io.toString().contains("connect"));
        assertTrue(io.toString(), io.toString().contains("read /no/such/file"));
    }

    private int networkCallbacks() {
        ConnectivityManager connectivity = application.getSystemService(ConnectivityManager.class);
        return shadowOf(connectivity).getNetworkCallbacks().size();
    }
}

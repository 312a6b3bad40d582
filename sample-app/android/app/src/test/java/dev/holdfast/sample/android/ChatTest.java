package dev.holdfast.sample.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Activity;
import android.app.Application;
import android.net.ConnectivityManager;
import android.os.Looper;
import dev.holdfast.ClientState;
import dev.holdfast.android.HoldfastAndroid;
import java.io.File;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowNetwork;

/** The chat's logic against the reference server. */
@RunWith(RobolectricTestRunner.class)
@Config(
        sdk = {26, 34},
        application = Application.class)
public final class ChatTest {
    private final Application application = RuntimeEnvironment.getApplication();
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final File file = new File(application.getNoBackupFilesDir(), "session");
    private EchoServer server;
    private Chat chat;

    @Before
    public void start() throws Exception {
        shadowOf(application).grantPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
        server = new EchoServer();
        chat = open();
        EchoServer.await(() -> chat.state() == ClientState.OPEN);
    }

    @After
    public void stop() {
        chat.kill();
        server.close();
        disk.shutdownNow();
    }

    private Chat open() {
        return Chat.open(application, server.url(), new SnapshotFile(file, disk), HoldfastAndroid.mainThread());
    }

    @Test
    public void showsWhatBecameOfEachMessage() throws Exception {
        chat.send("hello");
        assertEquals(List.of("▸ hello  …"), chat.lines());
        EchoServer.await(() -> chat.lines().equals(List.of("▸ hello  ✓", "◂ hello")));
    }

    @Test
    public void theUserDisconnectsAndConnects() throws Exception {
        chat.setOnline(false);
        EchoServer.await(() -> !chat.isOnline());
        chat.send("later");
        assertEquals(List.of("▸ later  …"), chat.lines());
        chat.setOnline(true);
        EchoServer.await(() -> chat.lines().contains("◂ later"));
        assertEquals(1, server.server.stats().resumed());
    }

    @Test
    public void anotherNetworkTakesOverTheSession() throws Exception {
        ConnectivityManager connectivity = application.getSystemService(ConnectivityManager.class);
        for (ConnectivityManager.NetworkCallback callback :
                shadowOf(connectivity).getNetworkCallbacks()) {
            callback.onAvailable(ShadowNetwork.newInstance(777));
        }
        EchoServer.await(() -> server.server.stats().resumed() == 1);
        EchoServer.await(() -> chat.status().contains("network 777"));
        chat.send("from the other network");
        EchoServer.await(() -> chat.lines().contains("◂ from the other network"));
        assertEquals("nothing is lost", 1, server.server.stats().created());
    }

    @Test
    public void anotherProcessGoesOnWithTheSession() throws Exception {
        background();
        EchoServer.await(() -> !chat.isOnline());
        chat.send("queued before the end");
        EchoServer.await(file::exists);
        // What was queued after the first snapshot is in the next one.
        chat.setOnline(true);
        EchoServer.await(() -> chat.state() == ClientState.OPEN);
        EchoServer.await(() -> !file.exists());
        EchoServer.await(() -> chat.lines().contains("◂ queued before the end"));
        chat.setOnline(false);
        EchoServer.await(file::exists);
        chat.kill();

        chat = open();
        EchoServer.await(() -> chat.state() == ClientState.OPEN);
        assertEquals("one session", 1, server.server.stats().created());
        assertEquals(2, server.server.stats().resumed());
        chat.send("from the next process");
        EchoServer.await(() -> chat.lines().contains("◂ from the next process"));
        EchoServer.await(() -> !file.exists());
    }

    @Test
    public void aQueuedMessageOutlivesTheProcess() throws Exception {
        server.server.onMessage((session, seq, payload) -> {
            throw new AssertionError("not before the next process");
        });
        chat.setOnline(false);
        EchoServer.await(file::exists);
        assertTrue(file.delete());
        chat.send("kept");
        chat.store();
        EchoServer.await(file::exists);
        chat.kill();
        server.server.onMessage((session, seq, payload) -> dev.holdfast.server.HandlerResult.accepted());

        chat = open();
        EchoServer.await(() -> chat.lines().equals(List.of("▸ kept  ✓")));
    }

    @Test
    public void aDamagedSnapshotBeginsANewSession() throws Exception {
        chat.kill();
        java.nio.file.Files.write(file.toPath(), new byte[] {1, 2, 3});
        chat = open();
        EchoServer.await(() -> chat.state() == ClientState.OPEN);
        assertEquals(2, server.server.stats().created());
    }

    @Test
    public void theBackgroundDisconnectsAndTheForegroundConnects() throws Exception {
        ActivityController<Activity> activity = background();
        EchoServer.await(() -> !chat.isOnline());
        activity.restart();
        EchoServer.await(() -> chat.state() == ClientState.OPEN);
        assertEquals(1, server.server.stats().resumed());
        assertFalse(chat.status(), chat.status().contains("lost"));
    }

    private static ActivityController<Activity> background() {
        ActivityController<Activity> activity =
                Robolectric.buildActivity(Activity.class).create().start();
        activity.stop();
        shadowOf(Looper.getMainLooper()).idleFor(Chat.BACKGROUND);
        return activity;
    }
}

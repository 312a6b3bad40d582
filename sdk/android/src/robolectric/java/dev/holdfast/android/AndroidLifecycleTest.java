package dev.holdfast.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.app.Application;
import android.os.Looper;
import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;

@RunWith(RobolectricTestRunner.class)
@Config(
        sdk = {26, 30, 34, 35},
        application = AndroidLifecycleTest.App.class)
public final class AndroidLifecycleTest {
    private static final Duration AFTER = Duration.ofSeconds(30);

    @Rule
    public final EchoServer server = new EchoServer();

    private final App application = (App) RuntimeEnvironment.getApplication();
    private HoldfastClient client;
    private AndroidLifecycle lifecycle;

    @Before
    public void connect() throws Exception {
        client = client();
        client.connect();
        EchoServer.awaitState(client, ClientState.OPEN);
        lifecycle = AndroidLifecycle.disconnectInBackground(application, client, AFTER);
    }

    @After
    public void cancel() {
        client.cancel();
    }

    private HoldfastClient client() {
        return HoldfastClient.builder(server.url())
                .callbackExecutor(HoldfastAndroid.mainThread())
                .backoff(Backoff.exponential(Duration.ofMinutes(10), Duration.ofMinutes(10)))
                .build();
    }

    @Test
    public void disconnectsInTheBackgroundAndConnectsAgainInTheForeground() throws Exception {
        ActivityController<Activity> activity = started();
        activity.stop();
        pass(AFTER.minusSeconds(1));
        assertEquals(ClientState.OPEN, client.state());
        pass(Duration.ofSeconds(1));
        EchoServer.awaitState(client, ClientState.IDLE);
        activity.restart();
        EchoServer.awaitState(client, ClientState.OPEN);
        assertEquals(2, server.upgrades.get());
    }

    @Test
    public void aShortTimeInTheBackgroundChangesNothing() throws Exception {
        ActivityController<Activity> activity = started();
        activity.stop();
        pass(AFTER.minusSeconds(1));
        activity.restart();
        pass(Duration.ofHours(1));
        stays(ClientState.OPEN);
        assertEquals(1, server.upgrades.get());
    }

    @Test
    public void anotherActivityIsTheForeground() throws Exception {
        ActivityController<Activity> first = started();
        ActivityController<Activity> second = started();
        first.stop();
        pass(Duration.ofHours(1));
        stays(ClientState.OPEN);
        second.stop();
        pass(AFTER);
        EchoServer.awaitState(client, ClientState.IDLE);
    }

    @Test
    public void anActivityThatStartedEarlierCounts() throws Exception {
        lifecycle.close();
        ActivityController<Activity> activity = started();
        lifecycle = AndroidLifecycle.disconnectInBackground(application, client, AFTER);
        activity.stop();
        pass(AFTER);
        EchoServer.awaitState(client, ClientState.IDLE);
    }

    @Test
    public void anotherConfigurationIsNotTheBackground() throws Exception {
        lifecycle.close();
        lifecycle = AndroidLifecycle.disconnectInBackground(application, client, Duration.ZERO);
        ActivityController<Activity> activity = started().resume();
        activity.recreate();
        pass(Duration.ofHours(1));
        stays(ClientState.OPEN);
        assertEquals(1, server.upgrades.get());
        activity.pause().stop();
        pass(Duration.ZERO);
        EchoServer.awaitState(client, ClientState.IDLE);
    }

    @Test
    public void anActivityThatIsNotCreatedAnewIsGone() throws Exception {
        lifecycle.close();
        lifecycle = AndroidLifecycle.disconnectInBackground(application, client, Duration.ZERO);
        ActivityController<ChangingActivity> activity =
                Robolectric.buildActivity(ChangingActivity.class).create().start();
        activity.stop();
        pass(Duration.ofMillis(4_999));
        stays(ClientState.OPEN);
        pass(Duration.ofMillis(1));
        EchoServer.awaitState(client, ClientState.IDLE);
    }

    @Test
    public void aClientThatTheApplicationDisconnectedStaysSo() throws Exception {
        ActivityController<Activity> activity = started();
        client.disconnect();
        EchoServer.awaitState(client, ClientState.IDLE);
        activity.stop();
        pass(AFTER);
        activity.restart();
        stays(ClientState.IDLE);
        assertEquals(1, server.upgrades.get());
    }

    @Test
    public void aProcessWithoutAnActivityStaysConnected() throws Exception {
        pass(Duration.ofHours(1));
        stays(ClientState.OPEN);
    }

    @Test
    public void keepsTheClientConnectedInTheBackground() throws Exception {
        lifecycle.close();
        lifecycle = AndroidLifecycle.keepInBackground(application, client);
        ActivityController<Activity> activity = started();
        activity.stop();
        pass(Duration.ofHours(1));
        stays(ClientState.OPEN);
        activity.restart();
        stays(ClientState.OPEN);
        assertEquals(1, server.upgrades.get());
    }

    @Test
    public void doesNotWaitForTheBackoffInTheForeground() throws Exception {
        HoldfastClient waiting = client();
        server.refuse(true);
        AndroidLifecycle link = AndroidLifecycle.keepInBackground(application, waiting);
        waiting.connect();
        EchoServer.awaitState(waiting, ClientState.WAITING);
        server.refuse(false);
        started();
        EchoServer.awaitState(waiting, ClientState.OPEN);
        link.close();
        waiting.cancel();
    }

    @Test
    public void endsWithTheClient() throws Exception {
        assertEquals(1, application.callbacks.size());
        client.close();
        EchoServer.await(() -> application.callbacks.isEmpty());
    }

    @Test
    public void hasNoEffectAfterItsEnd() throws Exception {
        ActivityController<Activity> activity = started();
        activity.stop();
        lifecycle.close();
        lifecycle.close();
        assertTrue(application.callbacks.isEmpty());
        pass(AFTER);
        stays(ClientState.OPEN);
    }

    @Test
    public void refusesANegativeTime() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> AndroidLifecycle.disconnectInBackground(application, client, Duration.ofSeconds(-1)));
        assertEquals("after must not be negative, but was PT-1S", e.getMessage());
    }

    private static ActivityController<Activity> started() {
        return Robolectric.buildActivity(Activity.class).create().start();
    }

    /** Lets time pass on the main thread's looper. */
    private static void pass(Duration time) {
        shadowOf(Looper.getMainLooper()).idleFor(time);
    }

    private void stays(ClientState state) throws InterruptedException {
        Thread.sleep(100);
        shadowOf(Looper.getMainLooper()).idle();
        assertEquals(state, client.state());
    }

    /** An activity whose stop says that another one follows. */
    public static final class ChangingActivity extends Activity {
        @Override
        public boolean isChangingConfigurations() {
            return true;
        }
    }

    /** Shows which callbacks are registered. */
    public static final class App extends Application {
        final Set<ActivityLifecycleCallbacks> callbacks = new HashSet<>();

        @Override
        public void registerActivityLifecycleCallbacks(ActivityLifecycleCallbacks callback) {
            if (callback.getClass().getName().startsWith("dev.holdfast")) callbacks.add(callback);
            super.registerActivityLifecycleCallbacks(callback);
        }

        @Override
        public void unregisterActivityLifecycleCallbacks(ActivityLifecycleCallbacks callback) {
            callbacks.remove(callback);
            super.unregisterActivityLifecycleCallbacks(callback);
        }
    }
}

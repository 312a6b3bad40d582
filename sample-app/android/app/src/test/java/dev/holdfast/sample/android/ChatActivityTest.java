package dev.holdfast.sample.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.os.Bundle;
import android.widget.EditText;
import android.widget.ListView;
import android.widget.Switch;
import dev.holdfast.ClientState;
import org.junit.After;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;

/** The screen, on the chat of the application. */
@RunWith(RobolectricTestRunner.class)
@Config(
        sdk = {26, 34},
        application = ChatActivityTest.App.class)
public final class ChatActivityTest {
    private final App application = (App) RuntimeEnvironment.getApplication();
    private final ActivityController<ChatActivity> controller = Robolectric.buildActivity(ChatActivity.class);

    @After
    public void stop() {
        application.chat().kill();
        application.server.close();
    }

    @Test
    public void sendsAndShows() throws Exception {
        ChatActivity activity = resumed();
        EditText draft = activity.findViewById(ChatActivity.DRAFT);
        draft.setText(" hello ");
        activity.findViewById(ChatActivity.SEND).performClick();
        assertEquals("", draft.getText().toString());
        ListView lines = activity.findViewById(ChatActivity.LINES);
        EchoServer.await(() -> lines.getAdapter().getCount() == 2);
        assertEquals("◂ hello", lines.getAdapter().getItem(1));
    }

    @Test
    public void theSwitchDisconnects() throws Exception {
        ChatActivity activity = resumed();
        Switch online = activity.findViewById(ChatActivity.ONLINE);
        EchoServer.await(online::isChecked);
        online.performClick();
        EchoServer.await(() -> application.chat().state() == ClientState.IDLE);
        assertFalse(online.isChecked());
    }

    @Test
    public void anotherOrientationKeepsTheConversationAndTheDraft() throws Exception {
        ChatActivity activity = resumed();
        application.chat().send("hello");
        EchoServer.await(() -> application.chat().lines().size() == 2);
        ((EditText) activity.findViewById(ChatActivity.DRAFT)).setText("half a mess");
        controller.recreate();
        shows(controller.get(), 2, "half a mess");
        assertEquals(1, application.server.server.stats().created());
        assertEquals(0, application.server.server.stats().resumed());
    }

    @Test
    public void theDraftOutlivesTheProcess() throws Exception {
        ChatActivity activity = resumed();
        ((EditText) activity.findViewById(ChatActivity.DRAFT)).setText("half a mess");
        Bundle saved = new Bundle();
        controller.pause().stop().saveInstanceState(saved).destroy();
        ActivityController<ChatActivity> next = Robolectric.buildActivity(ChatActivity.class);
        shows(next.setup(saved).get(), 0, "half a mess");
    }

    private ChatActivity resumed() throws Exception {
        ChatActivity activity = controller.setup().get();
        EchoServer.await(() -> application.chat().state() == ClientState.OPEN);
        return activity;
    }

    private static void shows(ChatActivity activity, int lines, String draft) {
        assertEquals(
                lines,
                ((ListView) activity.findViewById(ChatActivity.LINES))
                        .getAdapter()
                        .getCount());
        assertEquals(
                draft,
                ((EditText) activity.findViewById(ChatActivity.DRAFT)).getText().toString());
    }

    /** The application, with a server of the test's own. */
    public static final class App extends ChatApplication {
        final EchoServer server = new EchoServer();

        @Override
        public void onCreate() {
            shadowOf(this).grantPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
            super.onCreate();
        }

        @Override
        protected String url() {
            return server.url();
        }
    }
}

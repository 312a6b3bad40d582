package dev.holdfast.sample.android;

import android.app.Application;
import dev.holdfast.android.HoldfastAndroid;
import java.io.File;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The process. It owns the chat, which lives longer than any activity. */
public class ChatApplication extends Application {
    /** The reference server on the developer's machine, as the emulator reaches it: README.md starts it. */
    private static final String URL = "ws://10.0.2.2:8080/live";

    private @Nullable Chat chat;

    @Override
    public void onCreate() {
        super.onCreate();
        ExecutorService disk = Executors.newSingleThreadExecutor();
        // Not backed up: a snapshot holds the session's secret, and is worth nothing on another device.
        SnapshotFile file = new SnapshotFile(new File(getNoBackupFilesDir(), "session"), disk);
        chat = Chat.open(this, url(), file, HoldfastAndroid.mainThread());
    }

    /** Returns the server's URL. */
    protected String url() {
        return URL;
    }

    /** Returns the chat. */
    Chat chat() {
        return Objects.requireNonNull(chat);
    }
}

package dev.holdfast.android;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.app.Activity;
import android.app.Application;
import android.app.job.JobParameters;
import android.app.job.JobService;
import android.content.Context;
import android.content.pm.PackageManager;
import android.os.Build;
import android.view.View;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.SessionSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java blocks of {@code docs/android.md}, compiled against Android; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class AndroidPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "android.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/holdfast/android/AndroidPageTest.java");

    /** What the page's blocks name but do not declare. */
    interface SnapshotFile {
        void write(SessionSnapshot snapshot);

        void delete();
    }

    HoldfastClient setUp(Context context, List<String> chat) {
        // android
        HoldfastClient client = HoldfastAndroid.builder(context, "wss://example.com/live")
                .session(Session.resumable()) // if the server speaks resume.v1.json
                .onMessage((c, message) -> chat.add(message.text()))
                .build();
        client.connect();
        // end
        return client;
    }

    void background(Application application, HoldfastClient client) {
        // android
        AndroidLifecycle.disconnectInBackground(application, client, Duration.ofSeconds(5));
        // end
    }

    abstract static class Job extends JobService {
        private final HoldfastClient client;
        private final String report;

        Job(HoldfastClient client, String report) {
            this.client = client;
            this.report = report;
        }

        // android
        @Override
        public boolean onStartJob(JobParameters parameters) {
            client.connect();
            // A report that still waits in the queue from the last run is replaced.
            client.send(report, SendOptions.conflated("report")).outcome().thenAccept(outcome -> {
                client.disconnect();
                jobFinished(parameters, outcome.kind() != Outcome.Kind.ACKNOWLEDGED);
            });
            return true;
        }

        @Override
        public boolean onStopJob(JobParameters parameters) {
            client.disconnect();
            return true; // The message stays in the queue for the next run.
        }
        // end
    }

    NetworkMonitor.Registration watch(Context context, View signIn) {
        // android
        AndroidNetworkMonitor monitor = new AndroidNetworkMonitor(context);
        NetworkMonitor.Registration hints =
                monitor.watchState(state -> signIn.setVisibility(state.hasCaptivePortal() ? View.VISIBLE : View.GONE));
        // end
        return hints;
    }

    void localNetwork(Activity activity) {
        // android
        String permission = "android.permission.ACCESS_LOCAL_NETWORK";
        if (Build.VERSION.SDK_INT >= 37
                && activity.checkSelfPermission(permission) != PackageManager.PERMISSION_GRANTED) {
            // When it is granted, call client.connectNow() in onRequestPermissionsResult.
            activity.requestPermissions(new String[] {permission}, 1);
        }
        // end
    }

    HoldfastClient snapshots(Context context, SnapshotFile file) {
        // android
        HoldfastClient client = HoldfastAndroid.builder(context, "wss://example.com/live")
                .session(Session.resumable())
                .onState((c, state) -> {
                    // The session goes on here: another snapshot will follow.
                    if (state == ClientState.CONNECTING) file.delete();
                    if (state == ClientState.IDLE) c.snapshot().thenAccept(taken -> taken.ifPresent(file::write));
                })
                .build();
        // end
        return client;
    }

    @Test
    void areThePages() throws IOException {
        List<String> documented = blocks(PAGE, "```java", "```");
        assertFalse(documented.isEmpty());
        assertEquals(String.join("\n\n", documented), String.join("\n\n", blocks(SOURCE, "// android", "// end")));
    }

    /** The failure that the page quotes is the one that the SDK writes. */
    @Test
    void quotesTheHintAtTheLocalNetwork() throws IOException {
        Path source = Path.of("../core/src/main/java/dev/holdfast/internal/transport/LocalNetworkHint.java");
        String text = Files.readString(source).replaceAll("\"\\s*\\+\\s*\"", "");
        String hint = text.substring(text.indexOf("; this is"), text.indexOf("NEARBY_WIFI_DEVICES)") + 20);
        String page = Files.readString(PAGE).replaceAll("\\s+", " ");
        assertFalse(hint.isEmpty());
        assertTrue(page.contains(hint), hint);
    }

    private static List<String> blocks(Path file, String begin, String end) throws IOException {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : Files.readAllLines(file)) {
            if (line.strip().equals(begin)) {
                block = new StringBuilder();
            } else if (block != null && line.strip().equals(end)) {
                blocks.add(block.toString().stripTrailing().stripIndent());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }
}

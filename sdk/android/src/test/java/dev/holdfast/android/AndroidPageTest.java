package dev.holdfast.android;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.app.Activity;
import android.app.Application;
import android.app.job.JobInfo;
import android.app.job.JobParameters;
import android.app.job.JobScheduler;
import android.app.job.JobService;
import android.content.ComponentName;
import android.content.Context;
import android.content.SharedPreferences;
import android.content.pm.PackageManager;
import android.net.NetworkCapabilities;
import android.net.NetworkRequest;
import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import android.view.View;
import androidx.annotation.NonNull;
import androidx.room.Dao;
import androidx.room.Entity;
import androidx.room.Insert;
import androidx.room.OnConflictStrategy;
import androidx.room.PrimaryKey;
import androidx.room.Transaction;
import androidx.work.Worker;
import androidx.work.WorkerParameters;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Session;
import dev.holdfast.StoreCipher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The Java blocks of {@code docs/android.md}, compiled against Android; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class AndroidPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "android.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/holdfast/android/AndroidPageTest.java");

    /** What the page's blocks name but do not declare. */
    static class Order {}

    private static final int UPLOAD_JOB = 1;

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

    // android
    static final class DrainWorker extends Worker {
        private final HoldfastClient client;

        DrainWorker(Context context, WorkerParameters parameters, HoldfastClient client) {
            super(context, parameters);
            this.client = client;
        }

        @Override
        public Result doWork() { // on a thread of WorkManager
            List<Delivery> left = client.drain(Duration.ofMinutes(2)).join();
            return left.isEmpty() ? Result.success() : Result.retry();
        }
    }
    // end

    abstract static class Job extends JobService {
        private final HoldfastClient client;

        Job(HoldfastClient client) {
            this.client = client;
        }

        // android
        @Override
        public boolean onStartJob(JobParameters parameters) {
            client.drain(Duration.ofMinutes(2)).thenAccept(left -> jobFinished(parameters, !left.isEmpty()));
            return true;
        }

        @Override
        public boolean onStopJob(JobParameters parameters) {
            client.disconnect();
            return true; // What is left waits for the next run.
        }
        // end
    }

    void upload(Context context, Class<? extends JobService> service) {
        // android
        JobInfo upload = new JobInfo.Builder(UPLOAD_JOB, new ComponentName(context, service))
                .setUserInitiated(true)
                .setRequiredNetwork(new NetworkRequest.Builder()
                        .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                        .build())
                .build();
        context.getSystemService(JobScheduler.class).schedule(upload);
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

    HoldfastClient store(Context context) {
        // android
        HoldfastClient client = HoldfastAndroid.builder(context, "wss://example.com/live")
                .session(Session.resumable())
                .store(new AndroidSessionStore(context, "live.db"))
                .build();
        // end
        return client;
    }

    // android
    static final class AesGcm implements StoreCipher {
        private static final String CIPHER = "AES/GCM/NoPadding";
        private static final int NONCE_BYTES = 12;
        private static final int TAG_BITS = 128;

        private final SecretKey key;

        AesGcm(SecretKey key) {
            this.key = key;
        }

        @Override
        public byte[] encrypt(byte[] record) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, key); // with a random nonce
            byte[] nonce = cipher.getIV();
            byte[] encrypted = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(record.length));
            int length = cipher.doFinal(record, 0, record.length, encrypted, NONCE_BYTES);
            return Arrays.copyOf(encrypted, NONCE_BYTES + length);
        }

        @Override
        public byte[] decrypt(byte[] encrypted) throws GeneralSecurityException {
            if (encrypted.length < NONCE_BYTES) throw new GeneralSecurityException("too short");
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, encrypted, 0, NONCE_BYTES));
            return cipher.doFinal(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
        }
    }

    static SecretKey recordKey(SharedPreferences preferences) throws GeneralSecurityException, IOException {
        KeyStore keystore = KeyStore.getInstance("AndroidKeyStore");
        keystore.load(null);
        if (!keystore.containsAlias("live")) {
            KeyGenerator generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore");
            int purposes = KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT;
            generator.init(new KeyGenParameterSpec.Builder("live", purposes)
                    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                    .build());
            generator.generateKey();
        }
        AesGcm wrapping = new AesGcm((SecretKey) keystore.getKey("live", null));
        String wrapped = preferences.getString("record key", null);
        if (wrapped != null) {
            return new SecretKeySpec(wrapping.decrypt(Base64.getDecoder().decode(wrapped)), "AES");
        }
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        String encoded = Base64.getEncoder().encodeToString(wrapping.encrypt(key));
        if (!preferences.edit().putString("record key", encoded).commit()) throw new IOException("no key was written");
        return new SecretKeySpec(key, "AES");
    }
    // end

    // android
    @Entity(tableName = "handled")
    static class Handled {
        @PrimaryKey
        @NonNull
        public String message = "";
    }

    @Dao
    abstract static class OrderDao {
        @Insert(onConflict = OnConflictStrategy.IGNORE)
        abstract long markHandled(Handled handled);

        @Insert
        abstract void insert(Order order);

        @Transaction
        void handle(String identity, Order order) {
            Handled handled = new Handled();
            handled.message = identity;
            if (markHandled(handled) != -1) insert(order);
        }
    }
    // end

    HoldfastClient room(Context context, OrderDao orders) {
        // android
        ExecutorService io = Executors.newSingleThreadExecutor();
        HoldfastClient client = HoldfastAndroid.builder(context, "wss://example.com/orders")
                .session(Session.resumable().withManualAcks())
                .store(new AndroidSessionStore(context, "orders.db"))
                .onMessage((c, message) -> io.execute(() -> {
                    orders.handle(message.identity(), message.read(Order.class));
                    message.ack();
                }))
                .build();
        // end
        return client;
    }

    @Test
    void recordsAreEncryptedAndAuthenticated() throws GeneralSecurityException {
        AesGcm cipher = new AesGcm(new SecretKeySpec(new byte[32], "AES"));
        byte[] record = "a record".getBytes(StandardCharsets.UTF_8);
        byte[] encrypted = cipher.encrypt(record);
        assertArrayEquals(record, cipher.decrypt(encrypted));
        assertFalse(Arrays.equals(encrypted, cipher.encrypt(record)), "the same nonce twice");
        assertArrayEquals(new byte[0], cipher.decrypt(cipher.encrypt(new byte[0])));
        encrypted[encrypted.length - 1] ^= 1;
        assertThrows(GeneralSecurityException.class, () -> cipher.decrypt(encrypted));
        assertThrows(GeneralSecurityException.class, () -> cipher.decrypt(new byte[3]));
        AesGcm another = new AesGcm(new SecretKeySpec(new byte[16], "AES"));
        assertThrows(GeneralSecurityException.class, () -> another.decrypt(cipher.encrypt(record)));
    }

    @Test
    void aMessageThatComesAgainIsNotHandledAgain() {
        Set<String> handled = new HashSet<>();
        List<Order> inserted = new ArrayList<>();
        OrderDao dao = new OrderDao() {
            @Override
            long markHandled(Handled row) {
                return handled.add(row.message) ? handled.size() : -1;
            }

            @Override
            void insert(Order order) {
                inserted.add(order);
            }
        };
        dao.handle("sid 1", new Order());
        dao.handle("sid 1", new Order());
        dao.handle("sid 2", new Order());
        assertEquals(2, inserted.size());
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

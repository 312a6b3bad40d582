package dev.holdfast.android;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.app.Application;
import android.database.sqlite.SQLiteDatabase;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.contract.StoreContract;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** The store on Android's SQLite: the contract of all stores, and what is its own. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = {26, 35})
public final class AndroidSessionStoreTest {
    private static final int PAGE = 4_096;

    private final Application application = RuntimeEnvironment.getApplication();

    private File file(String name) {
        return new File(application.getNoBackupFilesDir(), name);
    }

    private final class NamedPlace implements StoreContract.Place {
        private final String name;

        NamedPlace(String name) {
            this.name = name;
        }

        @Override
        public SessionStore store() {
            return new AndroidSessionStore(application, name);
        }

        @Override
        public SessionStore small(int bytes) {
            return new AndroidSessionStore(application, name, bytes);
        }

        @Override
        public String makeReadOnly() {
            boolean done = file(name).setWritable(false) && !file(name).canWrite();
            return done ? "" : "the superuser may write to every file";
        }

        @Override
        public String damage() throws IOException {
            try (RandomAccessFile damaged = new RandomAccessFile(file(name), "rw")) {
                byte[] nonsense = new byte[(int) damaged.length() - 2 * PAGE];
                Arrays.fill(nonsense, (byte) 0x5a);
                damaged.seek(2L * PAGE);
                damaged.write(nonsense);
            }
            return "";
        }
    }

    @Test
    public void doesWhatEveryStoreMustDo() throws Exception {
        int place = 0;
        for (Map.Entry<String, StoreContract.Check> check :
                StoreContract.checks().entrySet()) {
            try {
                check.getValue().run(new NamedPlace("session" + ++place + ".db"));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(check.getKey(), e);
            }
        }
    }

    @Test
    public void anOlderVersionIsMigratedInOneTransaction() {
        File old = file("old.db");
        SQLiteDatabase database = SQLiteDatabase.openOrCreateDatabase(old, null);
        database.execSQL("CREATE TABLE holdfast_record (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
        database.execSQL("INSERT INTO holdfast_record VALUES (7, x'0102')");
        database.setVersion(1);
        List<List<String>> steps = Arrays.asList(
                Collections.singletonList("not executed"),
                Arrays.asList("CREATE TABLE another (number INTEGER)", "INSERT INTO another VALUES (1)"),
                Collections.singletonList("no SQL"));
        assertThrows(RuntimeException.class, () -> StoreTables.migrate(database, steps));
        assertEquals(1, database.getVersion());
        StoreTables.migrate(database, steps.subList(0, 2));
        assertEquals(2, database.getVersion());
        assertArrayEquals(new byte[] {1, 2}, StoreTables.records(database).get(7L));
        database.close();
    }

    @Test
    public void aNewerVersionIsRefusedAndLeftAlone() {
        File newer = file("newer.db");
        SQLiteDatabase database = SQLiteDatabase.openOrCreateDatabase(newer, null);
        database.setVersion(99);
        database.close();
        StoreException failure =
                assertThrows(StoreException.class, () -> new AndroidSessionStore(application, "newer.db").open());
        assertEquals(StoreException.Kind.DAMAGED, failure.kind());
        assertTrue(failure.getMessage(), failure.getMessage().contains("version 99"));
        assertTrue(newer.exists());
    }

    @Test
    public void aDamagedFileIsKept() throws Exception {
        NamedPlace place = new NamedPlace("damaged.db");
        SessionStore store = place.store();
        store.open();
        store.commit(Collections.singletonList(StoreChange.put(1, new byte[100_000])));
        store.close();
        assertEquals("", place.damage());
        assertThrows(StoreException.class, store::open);
        assertTrue("Android's own handler would delete it", file("damaged.db").length() > 100_000);
    }

    @Test
    public void theConstructorOpensNothing() {
        List<String> io = MainThreadIo.during(() -> new AndroidSessionStore(application, "live.db"));
        assertEquals(List.of(), io);
        assertFalse(new AndroidSessionStore(application, "live.db").mayBeOldCopy());
        for (String wrong : new String[] {"", "a/b.db", "/live.db"}) {
            assertThrows(IllegalArgumentException.class, () -> new AndroidSessionStore(application, wrong));
        }
    }
}

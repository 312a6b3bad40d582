package dev.holdfast.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process with the store is killed while it commits: the next one finds all of each commit that returned, and no lock. */
class KilledProcessTest {
    private static final int KILLS = Integer.getInteger("store.kills", 10);

    /** Each commit writes one number to all of these keys. */
    private static final int KEYS = 40;

    @TempDir
    private Path folder;

    /** The process that is killed. It prints the number of each commit that has returned. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws StoreException {
            SqliteSessionStore store = SqliteSessionStore.at(Path.of(args[0]));
            Map<Long, byte[]> records = store.open();
            long number =
                    records.isEmpty() ? 0 : ByteBuffer.wrap(records.get(1L)).getLong();
            while (true) {
                number++;
                List<StoreChange> changes = new ArrayList<>();
                for (long key = 1; key <= KEYS; key++) {
                    changes.add(StoreChange.put(
                            key,
                            ByteBuffer.allocate(8 + (int) (key * 50))
                                    .putLong(number)
                                    .array()));
                }
                store.commit(changes);
                System.out.println(number);
            }
        }
    }

    @Test
    @Timeout(300)
    void findsEachCommitWholeAndNoLock() throws Exception {
        Path file = folder.resolve("session.db");
        Random random = new Random(5);
        long last = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            // A killed process leaves its copy of SQLite's library behind.
                            "-Dorg.sqlite.tmpdir=" + folder,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            long printed = killed(writer, file, random.nextInt(2_000));
            SqliteSessionStore store = SqliteSessionStore.at(file);
            Map<Long, byte[]> records = store.open();
            store.close();
            assertEquals(KEYS, records.size());
            long found = ByteBuffer.wrap(records.get(1L)).getLong();
            for (byte[] bytes : records.values())
                assertEquals(found, ByteBuffer.wrap(bytes).getLong(), "a torn commit");
            assertTrue(found >= printed, () -> "commit " + printed + " had returned, and the file has " + found);
            assertTrue(printed > last);
            last = found;
        }
        System.out.println(KILLS + " kills, " + last + " commits, none lost or torn");
    }

    /** Kills the process after so many commits. Returns the number of the last one that had returned. */
    private static long killed(Process writer, Path file, int commits) throws IOException, InterruptedException {
        long printed = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
            for (int i = 0; i <= commits; i++) {
                String line = lines.readLine();
                assertNotNull(line, "the process ended by itself");
                printed = Long.parseLong(line);
            }
            StoreException refused = assertThrows(
                    StoreException.class, () -> SqliteSessionStore.at(file).open());
            assertEquals(StoreException.Kind.IN_USE, refused.kind(), "the other process has the store");
            // Process.destroyForcibly would also close the pipe, with what it has.
            writer.toHandle().destroyForcibly();
            writer.waitFor();
            // What the pipe still has; the last line may be cut off.
            StringBuilder rest = new StringBuilder();
            for (int c = lines.read(); c >= 0; c = lines.read()) rest.append((char) c);
            int end = rest.lastIndexOf("\n");
            if (end < 0) return printed;
            String[] whole = rest.substring(0, end).split("\n", -1);
            return Long.parseLong(whole[whole.length - 1]);
        }
    }
}

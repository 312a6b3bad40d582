package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A ping does not wait for the long message that is going out, however slow the link. In real time: it measures one. */
@Tag("slow")
@Timeout(30)
class HeadOfLineTest {
    private static final int PINGS = 8;
    private static final long BYTES_A_SECOND = 2 << 20;
    private static final long LIMIT_MILLIS = 200;
    /** Little, so that the link's own buffer is not what a ping waits in. */
    private static final int LINK_BUFFER = 64 * 1024;

    @RegisterExtension
    final TransportRig rig = new TransportRig(new RawServer(LINK_BUFFER), new OkHttpClient());

    private final BlockingQueue<Long> arrived = new LinkedBlockingQueue<>();
    private volatile boolean underWay = true;

    @Test
    void aPingLeavesDuringALongUpload() throws Exception {
        ConnectionRecorder recorder = rig.newRecorder();
        Connection connection = rig.open(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        connection.sendBinary(ByteString.of(new byte[64 << 20]));
        Thread link = new Thread(() -> readSlowly(peer));
        link.start();

        long slowestToLeave = 0;
        long slowestToArrive = 0;
        for (int i = 1; i <= PINGS; i++) {
            long sent = System.nanoTime();
            connection.sendPing(ByteString.encodeUtf8("ping " + i));
            recorder.awaitPingsWritten(i);
            slowestToLeave = Math.max(slowestToLeave, System.nanoTime() - sent);
            Long at = arrived.poll(20, TimeUnit.SECONDS);
            slowestToArrive = Math.max(slowestToArrive, at - sent);
        }
        underWay = false;
        connection.cancel();
        recorder.takeFailed();
        link.join();
        long leaves = TimeUnit.NANOSECONDS.toMillis(slowestToLeave);
        System.out.printf(
                "head of line: during 64 MiB at 2 MiB/s a ping leaves within %d ms and arrives within %d ms%n",
                leaves, TimeUnit.NANOSECONDS.toMillis(slowestToArrive));
        assertTrue(leaves <= LIMIT_MILLIS, "a ping waited " + leaves + " ms");
    }

    /** A link of two mebibytes a second. */
    private void readSlowly(Peer peer) {
        long start = System.nanoTime();
        long bytes = 0;
        try {
            while (underWay) {
                Frame frame = peer.readFrame();
                if (frame == null) return;
                if (frame.opcode() == 9) arrived.add(System.nanoTime());
                bytes += frame.payload().size();
                long due = start + TimeUnit.SECONDS.toNanos(1) * bytes / BYTES_A_SECOND;
                while (underWay && System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
            }
        } catch (IOException e) {
            // The upload was cancelled.
        }
    }
}

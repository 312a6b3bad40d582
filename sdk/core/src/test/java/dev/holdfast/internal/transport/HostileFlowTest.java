package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import okio.ByteString;
import org.junit.jupiter.api.Test;

class HostileFlowTest extends HostileFlowContract {
    HostileFlowTest() {
        super(new TransportRig());
    }

    /** In {@link FlowTest} it is one long message that the server holds up; here there are many short ones. */
    @Test
    void aServerThatNeverReads() throws Exception {
        connect(small().newBuilder().writeTimeout(Duration.ofMillis(100)).build());
        ByteString message = ByteString.of(new byte[4 * 1024]);
        int sent = 4096;
        for (int i = 0; i < sent; i++) connection.sendBinary(message);
        assertFailed("write timed out: server does not read");
        assertTrue(recorder.written() < sent, recorder.written() + " messages written");
    }
}

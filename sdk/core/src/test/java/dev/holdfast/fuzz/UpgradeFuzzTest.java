package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.SilentCloseable;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.Compression;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.transport.CallLog;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.IoThreads;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.TransportException;
import java.net.InetAddress;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever a server answers to the upgrade, and sends behind it, the connection ends once, in words fit for a log, and
 * leaves no thread, call, timer or pooled connection behind. {@value #ACCEPT} in the answer stands for what the key asks for.
 */
@Tag("slow")
class UpgradeFuzzTest {
    private static final String ACCEPT = "%ACCEPT%";
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (.*)\r\n");
    private static final Pattern FIT_FOR_A_LOG = Pattern.compile("[^\\p{Cntrl}]{1,1000}");

    private static final String UPGRADED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + ACCEPT + "\r\n";

    private static final OkHttpClient CLIENT = new OkHttpClient.Builder()
            .proxy(Proxy.NO_PROXY)
            .dns(host -> List.of(InetAddress.getLoopbackAddress()))
            .build();

    @FuzzTest
    void anyAnswer(byte[] answer) throws InterruptedException {
        // Jazzer takes the socket to nobody for one that the input leads astray.
        SilentCloseable allowed = BugDetectors.allowNetworkConnections();
        try {
            connect(new String(answer, StandardCharsets.ISO_8859_1));
        } finally {
            allowed.close();
        }
    }

    @Test
    void theRightAnswerOpens() throws InterruptedException {
        assertEquals(
                List.of("open", "text hi", "closed 1000"),
                connect(UPGRADED + "\r\n\u0081\u0002hi\u0088\u0002\u0003\u00e8"));
        assertEquals(
                List.of("open", "failed server ended the connection without a close frame"),
                connect(UPGRADED + "\r\n"));
    }

    private static List<String> connect(String answer) throws InterruptedException {
        IoThreads threads = new IoThreads();
        FakeClock clock = new FakeClock();
        CallLog calls = new CallLog();
        ConnectionPool pool = new ConnectionPool();
        OkHttpClient client = CLIENT.newBuilder()
                .socketFactory(AnsweringSocket.factory(request -> answer.replace(ACCEPT, accept(request))))
                .connectionPool(pool)
                .eventListener(calls)
                .build();
        Told told = new Told();
        OkHttpTransport transport = new OkHttpTransport(
                client,
                null,
                ConnectionSettings.of(TimeUnit.SECONDS.toNanos(15), 1000).compression(Compression.deflate()),
                threads,
                clock,
                clock,
                new Random(1));
        transport.open(new Request.Builder().url("http://server/").build(), told);
        threads.awaitAllEnded();
        calls.awaitAllEnded();
        clock.assertNothingPending();
        pool.evictAll();
        assertEquals(0, pool.connectionCount());
        return told.events();
    }

    private static String accept(String request) {
        Matcher key = KEY.matcher(request);
        return key.find()
                ? ByteString.encodeUtf8(key.group(1) + ACCEPT_SUFFIX).sha1().base64()
                : "";
    }

    private static final class Told implements ConnectionListener {
        // Guarded by this.
        private final List<String> events = new ArrayList<>();
        private final List<String> ends = new ArrayList<>();

        private synchronized void tell(String event) {
            assertEquals(List.of(), ends, () -> event + " told after the end");
            events.add(event);
        }

        private synchronized void end(String event) {
            tell(event);
            ends.add(event);
        }

        synchronized List<String> events() {
            assertEquals(1, ends.size(), "ends told");
            return events;
        }

        @Override
        public synchronized void onOpen(Connection connection) {
            assertTrue(events.isEmpty());
            tell("open");
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            tell("text " + text.string());
        }

        @Override
        public void onBinary(ByteString bytes) {
            tell("binary " + bytes.hex());
        }

        @Override
        public void onPong(ByteString payload) {
            tell("pong " + payload.hex());
        }

        @Override
        public synchronized void onWritten(int messages) {
            fail("nothing was sent");
        }

        @Override
        public void onPingWritten() {
            fail("no ping was sent");
        }

        @Override
        public void onClosing(CloseStatus status) {}

        @Override
        public void onClosed(CloseStatus status) {
            end("closed " + status.code());
        }

        @Override
        public void onFailed(TransportException failure) {
            assertTrue(FIT_FOR_A_LOG.matcher(failure.getMessage()).matches(), failure.getMessage());
            end("failed " + failure.getMessage());
        }
    }
}
